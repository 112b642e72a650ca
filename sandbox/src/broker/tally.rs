//! Orders that are only counted, for tests of what is sent and what is repeated.

use std::collections::{HashSet, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};

/// How many orders are remembered.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Default)]
pub struct Tally {
    orders: VecDeque<Order>,
    /// Accounts with the `clientOrderId`s of those orders.
    named: HashSet<(String, String)>,
    last_id: u64,
}

#[derive(Debug)]
struct Order {
    account: String,
    id: u64,
    client_order_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    order_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_order_id: Option<String>,
}

impl Tally {
    /// Counts an order: its number, and whether the account had one with this `clientOrderId`.
    pub fn place(&mut self, account: &str, client_order_id: Option<String>) -> (u64, bool) {
        let repeated = client_order_id.as_ref().is_some_and(|id| !self.named.insert((account.to_owned(), id.clone())));
        self.last_id += 1;
        self.orders.push_back(Order { account: account.to_owned(), id: self.last_id, client_order_id });
        if self.orders.len() > REMEMBERED {
            let oldest = self.orders.pop_front();
            if let Some(Order { account, client_order_id: Some(id), .. }) = oldest {
                self.named.remove(&(account, id));
            }
        }
        (self.last_id, repeated)
    }

    /// The orders as rows of a table, the newest first.
    pub fn report(&self) -> impl Iterator<Item = Value> {
        self.orders.iter().rev().map(|order| {
            json!({
                "Order": order.id,
                "Account": order.account,
                "Client order id": order.client_order_id,
                "Person": "",
                "What": "",
                "Status": "counted",
            })
        })
    }

    pub fn list(&self, account: &str) -> Vec<Listed> {
        let orders = self.orders.iter().filter(|order| order.account == account);
        orders.map(|order| Listed { order_id: order.id, client_order_id: order.client_order_id.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_number_goes_on() {
        let mut tally = Tally::default();
        for number in 0..3 * REMEMBERED {
            assert_eq!(tally.place("1", Some(number.to_string())), (number as u64 + 1, false));
        }
        assert_eq!((tally.orders.len(), tally.named.len()), (REMEMBERED, REMEMBERED));
        assert!(tally.place("1", Some((3 * REMEMBERED - 1).to_string())).1);
        assert!(!tally.place("2", Some((3 * REMEMBERED - 1).to_string())).1);
        assert_eq!((tally.list("1").len(), tally.list("2").len()), (REMEMBERED - 1, 1));
    }
}
