//! What is traded: a security, or an option on one.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::broker::listing::{Kind, Listing};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Of an option: its underlier.
    pub symbol: String,
    pub contract: Option<Contract>,
}

/// What makes an option of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    pub right: Right,
    pub expiry: Date,
    pub strike: Decimal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Right {
    Call,
    Put,
}

impl Right {
    pub fn read(text: &str) -> Option<Self> {
        match text.to_uppercase().as_str() {
            "CALL" => Some(Self::Call),
            "PUT" => Some(Self::Put),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "CALL",
            Self::Put => "PUT",
        }
    }
}

impl Product {
    pub fn plain(symbol: &str) -> Self {
        Self { symbol: symbol.to_owned(), contract: None }
    }

    /// Reads a symbol as a quote is asked for: `IBM`, or `IBM:2026:12:18:CALL:200`.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.to_uppercase();
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            [symbol] => Some(Self::plain(symbol)),
            [symbol, year, month, day, right, strike] => {
                let expiry = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
                let contract = Contract { right: Right::read(right)?, expiry, strike: strike.parse().ok()? };
                Some(Self { symbol: (*symbol).to_owned(), contract: Some(contract) })
            }
            _ => None,
        }
    }

    pub fn listing(&self) -> Option<&'static Listing> {
        Listing::find(&self.symbol)
    }

    pub fn security_type(&self) -> &'static str {
        match (self.contract, self.listing().map(|listing| listing.kind)) {
            (Some(_), _) => "OPTN",
            (None, Some(Kind::Fund)) => "MF",
            _ => "EQ",
        }
    }

    /// How many shares one of it stands for.
    pub fn multiplier(&self) -> Decimal {
        if self.contract.is_some() { Decimal::ONE_HUNDRED } else { Decimal::ONE }
    }

    /// As a quote for it is asked for.
    pub fn quote_symbol(&self) -> String {
        match self.contract {
            Some(Contract { right, expiry, strike }) => {
                let (year, month, day) = (expiry.year(), expiry.month(), expiry.day());
                format!("{}:{year}:{month}:{day}:{}:{strike:.6}", self.symbol, right.name())
            }
            None => self.symbol.clone(),
        }
    }

    /// What a person reads: the symbol, or the description of an option.
    pub fn display_symbol(&self) -> String {
        if self.contract.is_some() { self.description() } else { self.symbol.clone() }
    }

    pub fn description(&self) -> String {
        match self.contract {
            Some(contract) => contract.description(&self.symbol),
            None => self.listing().map_or_else(String::new, |listing| listing.description.to_owned()),
        }
    }
}

impl Contract {
    /// As the Options Symbology Initiative writes it, filled up with hyphens: `IBM---261218C00200000`.
    pub fn osi_key(&self, symbol: &str) -> String {
        let thousandths = (self.strike * Decimal::ONE_THOUSAND).trunc();
        let letter = &self.right.name()[..1];
        format!("{symbol:-<6}{}{letter}{thousandths:0>8}", self.expiry.strftime("%y%m%d"))
    }

    /// `IBM Dec 18 '26 $200 Call`.
    pub fn description(&self, symbol: &str) -> String {
        let right = match self.right {
            Right::Call => "Call",
            Right::Put => "Put",
        };
        format!("{symbol} {} ${} {right}", self.expiry.strftime("%b %d '%y"), self.strike.normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_named() {
        let option = Product::read("ibm:2026:12:18:call:202.500000").unwrap();
        let contract = option.contract.unwrap();
        assert_eq!(contract.osi_key("IBM"), "IBM---261218C00202500");
        assert_eq!(option.description(), "IBM Dec 18 '26 $202.5 Call");
        assert_eq!((option.security_type(), option.multiplier()), ("OPTN", Decimal::ONE_HUNDRED));
        for wrong in ["IBM:2026:13:18:CALL:200", "IBM:2026:12:18:CAL:200", "IBM:2026:12:18:CALL:x", "IBM:CALL"] {
            assert_eq!(Product::read(wrong), None, "{wrong}");
        }
    }
}
