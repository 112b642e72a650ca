//! A person: the accounts and alerts.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::broker::account::{Account, Mode};
use crate::broker::listing::Listing;
use crate::broker::market::Market;
use crate::broker::order::Order;
use crate::broker::product::Product;
use crate::broker::refusal::Refusal;
use crate::broker::seed::Seed;

/// How many alerts E*TRADE lists at most.
pub const MOST_ALERTS: usize = 300;
/// 2025-06-02, 10:00 in New York: when the persons' histories begin.
const BEGINNING: i64 = 1_748_872_800;
const DAY: i64 = 24 * 60 * 60;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    pub accounts: Vec<Account>,
    /// The oldest first.
    pub alerts: Vec<Alert>,
    last_alert: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    pub id: u64,
    pub created: i64,
    pub read: Option<i64>,
    pub subject: String,
    pub text: String,
    pub symbol: Option<String>,
}

impl Person {
    /// A person as the seed has it: one account with positions, and one that was opened lately.
    pub fn new(seed: Seed, name: &str) -> Self {
        let draw = |what: &str, low, high| seed.between(&format!("person/{name}/{what}"), low, high);
        let account = |number: i64, mode, description, kind| {
            let what = format!("person/{name}/account/{number}");
            // The last digit keeps the accounts of a person apart.
            let id = format!("{}{number}", seed.between(&what, 1_000_000, 9_999_999));
            Account::new(id, seed.key(&what), mode, description, kind, Decimal::ZERO)
        };
        let mut first = account(1, Mode::Margin, "Individual Brokerage", "INDIVIDUAL");
        let deposit = Decimal::from(draw("deposit", 200, 400) * 1_000);
        deposit_into(&mut first, deposit);
        let start = draw("first position", 0, 29);
        for number in 0..4 {
            let listing = Listing::equity(usize::try_from(start + number * 7).expect("it is not negative"));
            let price = (listing.base(seed) * Decimal::new(draw(listing.symbol, 80, 120), 2)).round_dp(2);
            let quantity = draw(&format!("{}/quantity", listing.symbol), 1, 12) * 10;
            let at = BEGINNING + (number + 1) * 20 * DAY;
            buy(&mut first, listing, quantity, price, at);
        }
        let mut second = account(2, Mode::Cash, "Roth IRA", "ROTHIRA");
        deposit_into(&mut second, Decimal::from(draw("second deposit", 10, 60) * 100));

        let mut person = Self { accounts: vec![first, second], alerts: Vec::new(), last_alert: 0 };
        let held = person.accounts[0].positions.iter().map(|position| position.product.symbol.clone()).next();
        let text = "The sandbox has opened your accounts. Nothing in them is real.";
        person.alert(BEGINNING, "Welcome", text.to_owned(), None);
        person.alert(BEGINNING + 200 * DAY, "Your statement is ready", "There is a new statement.".to_owned(), None);
        person.alert(BEGINNING + 201 * DAY, "Price alert", "A position of yours has moved.".to_owned(), held);
        person
    }

    pub fn account(&mut self, key: &str) -> Result<&mut Account, Refusal> {
        self.accounts.iter_mut().find(|account| account.key == key).ok_or(Refusal::AccountKey)
    }

    /// Lets the market do its part; whether anything changed.
    pub fn settle(&mut self, market: &Market) -> bool {
        let open = |person: &Self| person.accounts.iter().map(Account::open_orders).sum::<usize>();
        let before = open(self);
        let executed: Vec<Order> = self.accounts.iter_mut().flat_map(|account| account.settle(market)).collect();
        executed.iter().for_each(|order| self.tell(order, market.now));
        before != open(self)
    }

    /// An alert that an order was executed.
    pub fn tell(&mut self, order: &Order, now: i64) {
        let product = &order.terms.legs[0].product;
        let text = format!("Order {} for {} was executed.", order.id, product.description());
        self.alert(now, "Order executed", text, Some(product.symbol.clone()));
    }

    fn alert(&mut self, created: i64, subject: &str, text: String, symbol: Option<String>) {
        self.last_alert += 1;
        self.alerts.push(Alert { id: self.last_alert, created, read: None, subject: subject.to_owned(), text, symbol });
        let surplus = self.alerts.len().saturating_sub(MOST_ALERTS);
        self.alerts.drain(..surplus);
    }
}

fn deposit_into(account: &mut Account, amount: Decimal) {
    account.cash += amount;
    account.record(BEGINNING, "Transfer", "ACH DEPOSIT".to_owned(), amount, None);
}

fn buy(account: &mut Account, listing: &Listing, quantity: i64, price: Decimal, at: i64) {
    let product = Product::plain(listing.symbol);
    let amount = -price * Decimal::from(quantity);
    account.cash += amount;
    account.trade(&product, quantity, price, Decimal::ZERO, at);
    let traded = Some((&product, quantity, price, Decimal::ZERO));
    account.record(at, "Bought", listing.description.to_owned(), amount, traded);
    let dividend = (price * Decimal::from(quantity) * Decimal::new(5, 3)).round_dp(2);
    account.cash += dividend;
    let traded = Some((&product, 0, Decimal::ZERO, Decimal::ZERO));
    account.record(at + 60 * DAY, "Dividend", listing.description.to_owned(), dividend, traded);
}
