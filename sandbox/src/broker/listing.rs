//! The securities that are known here.

use rust_decimal::Decimal;

use crate::broker::seed::Seed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Equity,
    Fund,
}

#[derive(Debug)]
pub struct Listing {
    pub symbol: &'static str,
    pub description: &'static str,
    pub exchange: &'static str,
    pub kind: Kind,
}

const fn equity(symbol: &'static str, description: &'static str, exchange: &'static str) -> Listing {
    Listing { symbol, description, exchange, kind: Kind::Equity }
}

const fn fund(symbol: &'static str, description: &'static str) -> Listing {
    Listing { symbol, description, exchange: "MUTUAL", kind: Kind::Fund }
}

const LISTINGS: [Listing; 32] = [
    equity("AAPL", "APPLE INC COM", "NSDQ"),
    equity("ADBE", "ADOBE INC COM", "NSDQ"),
    equity("AMD", "ADVANCED MICRO DEVICES INC COM", "NSDQ"),
    equity("AMZN", "AMAZON.COM INC COM", "NSDQ"),
    equity("BA", "BOEING CO COM", "NYSE"),
    equity("BAC", "BANK OF AMERICA CORP COM", "NYSE"),
    equity("BRK.B", "BERKSHIRE HATHAWAY INC CL B", "NYSE"),
    equity("CSCO", "CISCO SYSTEMS INC COM", "NSDQ"),
    equity("DIS", "WALT DISNEY CO COM", "NYSE"),
    equity("F", "FORD MOTOR CO COM", "NYSE"),
    equity("GE", "GENERAL ELECTRIC CO COM", "NYSE"),
    equity("GOOG", "ALPHABET INC CL C", "NSDQ"),
    equity("GOOGL", "ALPHABET INC CL A", "NSDQ"),
    equity("HD", "HOME DEPOT INC COM", "NYSE"),
    equity("IBM", "INTERNATIONAL BUSINESS MACHINES COM", "NYSE"),
    equity("INTC", "INTEL CORP COM", "NSDQ"),
    equity("JPM", "JPMORGAN CHASE & CO COM", "NYSE"),
    equity("KO", "COCA COLA CO COM", "NYSE"),
    equity("MCD", "MCDONALDS CORP COM", "NYSE"),
    equity("META", "META PLATFORMS INC CL A", "NSDQ"),
    equity("MSFT", "MICROSOFT CORP COM", "NSDQ"),
    equity("NFLX", "NETFLIX INC COM", "NSDQ"),
    equity("NVDA", "NVIDIA CORP COM", "NSDQ"),
    equity("ORCL", "ORACLE CORP COM", "NYSE"),
    equity("PFE", "PFIZER INC COM", "NYSE"),
    equity("QQQ", "INVESCO QQQ TRUST", "NSDQ"),
    equity("SPY", "SPDR S&P 500 ETF TRUST", "ARCA"),
    equity("T", "AT&T INC COM", "NYSE"),
    equity("TSLA", "TESLA INC COM", "NSDQ"),
    equity("WMT", "WALMART INC COM", "NYSE"),
    fund("VFIAX", "VANGUARD 500 INDEX FUND ADMIRAL"),
    fund("VTSAX", "VANGUARD TOTAL STOCK MARKET INDEX ADMIRAL"),
];

impl Listing {
    pub fn find(symbol: &str) -> Option<&'static Self> {
        LISTINGS.iter().find(|listing| listing.symbol == symbol)
    }

    /// Those whose symbol or description begins with the text, or has a word that does.
    pub fn matching(text: &str) -> Vec<&'static Self> {
        let text = text.to_uppercase();
        let begins = |name: &str| name.starts_with(&text) || name.split(' ').any(|word| word.starts_with(&text));
        LISTINGS.iter().filter(|listing| begins(listing.symbol) || begins(listing.description)).collect()
    }

    /// An equity for each number.
    pub fn equity(number: usize) -> &'static Self {
        &LISTINGS[number % (LISTINGS.len() - 2)]
    }

    /// The price about which it moves.
    pub fn base(&self, seed: Seed) -> Decimal {
        Decimal::new(seed.between(&format!("base/{}", self.symbol), 1_500, 45_000), 2)
    }
}
