//! Option chains, and the days on which options expire.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::broker::format::Number;
use crate::broker::listing::Listing;
use crate::broker::market::{Expiration, Market};
use crate::broker::product::{Contract, Product, Right};
use crate::broker::refusal::Refusal;
use crate::broker::request::Request;

/// No strike price comes near it.
const HIGHEST_PRICE: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionChainResponse {
    #[serde(rename = "OptionPair")]
    pairs: Vec<OptionPair>,
    time_stamp: i64,
    quote_type: &'static str,
    near_price: Number,
    #[serde(rename = "SelectedED")]
    selected: Selected,
}

#[derive(Serialize)]
struct Selected {
    month: i8,
    year: i16,
    day: i8,
}

#[derive(Serialize)]
struct OptionPair {
    #[serde(rename = "Call", skip_serializing_if = "Option::is_none")]
    call: Option<Side>,
    #[serde(rename = "Put", skip_serializing_if = "Option::is_none")]
    put: Option<Side>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    option_category: &'static str,
    option_root_symbol: String,
    time_stamp: i64,
    adjusted_flag: bool,
    display_symbol: String,
    option_type: &'static str,
    strike_price: Number,
    symbol: String,
    bid: Number,
    ask: Number,
    bid_size: i64,
    ask_size: i64,
    in_the_money: &'static str,
    volume: i64,
    open_interest: i64,
    net_change: Number,
    last_price: Number,
    quote_detail: String,
    osi_key: String,
    #[serde(rename = "OptionGreeks")]
    greeks: Greeks,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Greeks {
    rho: Number,
    vega: Number,
    theta: Number,
    delta: Number,
    gamma: Number,
    iv: Number,
    current_value: bool,
}

impl OptionChainResponse {
    pub fn of(market: &Market, request: &Request) -> Result<Self, Refusal> {
        let listing = underlier(market, request)?;
        let near = match request.number::<Decimal>("strikePriceNear")? {
            Some(price) if price.abs() > HIGHEST_PRICE => return Err(Refusal::invalid("strikePriceNear is not valid")),
            Some(price) => price,
            None => market.value(&Product::plain(listing.symbol)).ok_or(Refusal::NotFound)?.last,
        };
        let expiration = expiration(market, request)?;
        let mut strikes = market.strikes(listing.symbol);
        if let Some(wanted) = request.number("noOfStrikes")? {
            strikes.sort_by_key(|strike| (*strike - near).abs());
            strikes.truncate(wanted);
            strikes.sort();
        }
        let (calls, puts) = match request.parameter("chainType").unwrap_or("CALLPUT").to_uppercase().as_str() {
            "CALLPUT" => (true, true),
            "CALL" => (true, false),
            "PUT" => (false, true),
            _ => return Err(Refusal::invalid("chainType is not valid")),
        };
        let side = |right, strike| {
            let contract = Contract { right, expiry: expiration.date, strike };
            Side::of(listing, contract, market, &request.base)
        };
        let pair = |strike| OptionPair {
            call: calls.then(|| side(Right::Call, strike)).flatten(),
            put: puts.then(|| side(Right::Put, strike)).flatten(),
        };
        let date = expiration.date;
        Ok(Self {
            pairs: strikes.into_iter().map(pair).collect(),
            time_stamp: market.now,
            quote_type: "REALTIME",
            near_price: near.into(),
            selected: Selected { month: date.month(), year: date.year(), day: date.day() },
        })
    }
}

/// The security on which there are to be options.
fn underlier(market: &Market, request: &Request) -> Result<&'static Listing, Refusal> {
    let symbol = request.parameter("symbol").ok_or_else(|| Refusal::invalid("symbol is missing"))?.to_uppercase();
    let listing = Listing::find(&symbol).filter(|listing| !market.strikes(listing.symbol).is_empty());
    listing.ok_or(Refusal::Symbol(symbol))
}

/// The day that was asked for; the next one in its month, or of all, if only that was said.
fn expiration(market: &Market, request: &Request) -> Result<Expiration, Refusal> {
    let year: Option<i16> = request.number("expiryYear")?;
    let month: Option<i8> = request.number("expiryMonth")?;
    let day: Option<i8> = request.number("expiryDay")?;
    let fits = |expiration: &Expiration| {
        let date = expiration.date;
        year.is_none_or(|year| year == date.year())
            && month.is_none_or(|month| month == date.month())
            && day.is_none_or(|day| day == date.day())
    };
    let found = market.expirations().into_iter().find(fits);
    found.ok_or_else(|| Refusal::invalid("There are no options that expire then"))
}

impl Side {
    fn of(listing: &Listing, contract: Contract, market: &Market, base: &str) -> Option<Self> {
        let product = Product { symbol: listing.symbol.to_owned(), contract: Some(contract) };
        let price = market.value(&product)?;
        let in_the_money = market.intrinsic_value(listing, &contract) > Decimal::ZERO;
        Some(Self {
            option_category: "STANDARD",
            option_root_symbol: product.symbol.clone(),
            time_stamp: market.now,
            adjusted_flag: false,
            display_symbol: product.description(),
            option_type: contract.right.name(),
            strike_price: contract.strike.into(),
            symbol: product.symbol.clone(),
            bid: price.bid.into(),
            ask: price.ask.into(),
            bid_size: 100,
            ask_size: 100,
            in_the_money: if in_the_money { "y" } else { "n" },
            volume: 0,
            open_interest: 0,
            net_change: price.change().into(),
            last_price: price.last.into(),
            quote_detail: format!("{base}/v1/market/quote/{}", product.quote_symbol()),
            osi_key: contract.osi_key(&product.symbol),
            greeks: Greeks::of(&contract, in_the_money),
        })
    }
}

impl Greeks {
    /// Plausible, and no more than that.
    fn of(contract: &Contract, in_the_money: bool) -> Self {
        let delta = Decimal::new(if in_the_money { 75 } else { 25 }, 2);
        Self {
            rho: Number(Decimal::new(1, 2)),
            vega: Number(Decimal::new(10, 2)),
            theta: Number(Decimal::new(-2, 2)),
            delta: Number(if contract.right == Right::Call { delta } else { -delta }),
            gamma: Number(Decimal::new(1, 2)),
            iv: Number(Decimal::new(30, 2)),
            current_value: true,
        }
    }
}

#[derive(Serialize)]
pub struct OptionExpireDateResponse {
    #[serde(rename = "ExpirationDate")]
    dates: Vec<ExpirationDate>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExpirationDate {
    year: i16,
    month: i8,
    day: i8,
    expiry_type: &'static str,
}

impl OptionExpireDateResponse {
    pub fn of(market: &Market, request: &Request) -> Result<Self, Refusal> {
        underlier(market, request)?;
        let wanted = request.parameter("expiryType").unwrap_or("ALL").to_uppercase();
        let date = |expiration: Expiration| ExpirationDate {
            year: expiration.date.year(),
            month: expiration.date.month(),
            day: expiration.date.day(),
            expiry_type: if expiration.monthly { "MONTHLY" } else { "WEEKLY" },
        };
        let dates = market.expirations().into_iter().map(date);
        Ok(Self { dates: dates.filter(|date| wanted == "ALL" || wanted == date.expiry_type).collect() })
    }
}
