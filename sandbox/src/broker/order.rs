//! An order that was placed, and what becomes of it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::broker::market::Market;
use crate::broker::terms::Terms;
use crate::clock::new_york;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    pub id: u64,
    pub client_order_id: String,
    pub terms: Terms,
    pub status: Status,
    pub placed: i64,
    /// When it was executed, or ended otherwise.
    pub ended: Option<i64>,
    pub triggered: bool,
    /// The price of each leg, once it is executed.
    pub prices: Vec<Decimal>,
    pub replaces: Option<u64>,
    pub replaced_by: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Open,
    Executed,
    Cancelled,
    Expired,
}

impl Order {
    /// A row of a table.
    pub fn report(&self, person: &str, account: &str) -> Value {
        let legs = self.terms.legs.iter().map(|leg| {
            let action = if leg.action.buys() { "buys" } else { "sells" };
            format!("{action} {} {}", leg.quantity, leg.product.display_symbol())
        });
        json!({
            "Order": self.id,
            "Account": account,
            "Client order id": self.client_order_id,
            "Person": person,
            "What": legs.collect::<Vec<_>>().join(", "),
            "Status": self.status,
        })
    }

    /// Executes the order or ends it, if it is time; whether it was executed.
    pub fn move_on(&mut self, market: &Market) -> bool {
        let too_late = self.terms.is_for_today() && new_york(self.placed).date() < market.today;
        if too_late || self.terms.last_day().is_some_and(|day| day < market.today) {
            self.end(Status::Expired, market.now);
            return false;
        }
        self.triggered |= self.terms.is_triggered(market);
        if let Some(prices) = self.terms.fill(market).filter(|_| self.triggered) {
            self.prices = prices;
            self.end(Status::Executed, market.now);
            return true;
        }
        if self.terms.is_for_now() {
            self.end(Status::Cancelled, market.now);
        }
        false
    }

    pub fn end(&mut self, status: Status, now: i64) {
        self.status = status;
        self.ended = Some(now);
    }
}
