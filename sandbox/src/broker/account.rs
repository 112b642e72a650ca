//! An account: its cash, positions, orders and transactions, and what orders do to them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::broker::market::Market;
use crate::broker::order::{Order, Status};
use crate::broker::position::Position;
use crate::broker::product::Product;
use crate::broker::refusal::Refusal;
use crate::broker::terms::{Leg, Terms};
use crate::clock::new_york;

/// How many finished orders, and how many transactions, an account remembers.
const REMEMBERED: usize = 1_000;
/// How many orders may be open at once.
const MOST_OPEN: usize = 1_000;
/// How many previews wait to be placed; the oldest is given up first.
const MOST_PREVIEWS: usize = 100;
/// How long a preview can be placed, in seconds.
const PREVIEW_LIFE: i64 = 3 * 60;
/// Where this sandbox's numbers of previews begin: they have as many digits as E*TRADE's.
const FIRST_PREVIEW: u64 = 168_000_000_200;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    pub id: String,
    pub key: String,
    pub mode: Mode,
    pub description: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub cash: Decimal,
    pub positions: Vec<Position>,
    /// The oldest first.
    pub orders: Vec<Order>,
    /// The oldest first.
    pub transactions: Vec<Transaction>,
    previews: Vec<Preview>,
    last_order: u64,
    last_preview: u64,
    last_position: u64,
    last_transaction: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    Cash,
    Margin,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transaction {
    pub id: String,
    pub at: i64,
    pub kind: String,
    pub description: String,
    pub amount: Decimal,
    pub product: Option<Product>,
    pub quantity: i64,
    pub price: Decimal,
    pub fee: Decimal,
}

/// An order that was looked at, and can be placed for a while.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Preview {
    id: u64,
    terms: Terms,
    /// The order that it would change.
    changes: Option<u64>,
    made: i64,
}

impl Account {
    pub fn new(id: String, key: String, mode: Mode, description: &str, kind: &str, cash: Decimal) -> Self {
        Self {
            id,
            key,
            mode,
            description: description.to_owned(),
            kind: kind.to_owned(),
            cash,
            positions: Vec::new(),
            orders: Vec::new(),
            transactions: Vec::new(),
            previews: Vec::new(),
            last_order: 0,
            last_preview: FIRST_PREVIEW,
            last_position: 0,
            last_transaction: 0,
        }
    }

    /// What the open orders would cost.
    pub fn reserved(&self, market: &Market) -> Decimal {
        let open = self.orders.iter().filter(|order| order.status == Status::Open);
        open.map(|order| cost(&order.terms, market)).sum()
    }

    /// The cash that no open order needs.
    pub fn free_cash(&self, market: &Market) -> Decimal {
        self.cash - self.reserved(market)
    }

    /// What it can buy for; a margin account has as much credit as it has cash.
    pub fn buying_power(&self, market: &Market) -> Decimal {
        let factor = if self.mode == Mode::Margin { Decimal::TWO } else { Decimal::ONE };
        (self.free_cash(market) * factor).max(Decimal::ZERO)
    }

    pub fn market_value(&self, market: &Market) -> Decimal {
        self.positions.iter().map(|position| position.market_value(market)).sum()
    }

    /// Takes a preview of an order, or of a change of one: its number.
    pub fn preview(&mut self, terms: Terms, changes: Option<u64>, market: &Market) -> Result<u64, Refusal> {
        self.check(&terms, changes, market)?;
        self.previews.retain(|preview| market.now < preview.made + PREVIEW_LIFE);
        if self.previews.len() >= MOST_PREVIEWS {
            self.previews.remove(0);
        }
        self.last_preview += 1;
        self.previews.push(Preview { id: self.last_preview, terms, changes, made: market.now });
        Ok(self.last_preview)
    }

    /// Places an order, or the change of one, that was previewed: its number.
    pub fn place(
        &mut self,
        client_order_id: String,
        terms: Terms,
        preview: u64,
        changes: Option<u64>,
        market: &Market,
    ) -> Result<u64, Refusal> {
        let at = self.previews.iter().position(|known| known.id == preview).ok_or(Refusal::PreviewUnknown)?;
        let known = &self.previews[at];
        if market.now >= known.made + PREVIEW_LIFE {
            return Err(Refusal::PreviewAbsent);
        }
        // A change may name the preview of a new order: pyetrade does so when it previews by itself.
        if known.terms != terms || known.changes.is_some_and(|order| changes != Some(order)) {
            return Err(Refusal::PreviewUnknown);
        }
        self.check(&terms, changes, market)?;
        if self.has_placed(&client_order_id) {
            return Err(Refusal::ClientOrderIdRepeated);
        }
        self.previews.remove(at);
        self.last_order += 1;
        let id = self.last_order;
        if let Some(replaced) = changes.and_then(|replaced| self.order_mut(replaced)) {
            replaced.end(Status::Cancelled, market.now);
            replaced.replaced_by = Some(id);
        }
        self.orders.push(Order {
            id,
            client_order_id,
            terms,
            status: Status::Open,
            placed: market.now,
            ended: None,
            triggered: false,
            prices: Vec::new(),
            replaces: changes,
            replaced_by: None,
        });
        Ok(id)
    }

    pub fn order(&self, id: u64) -> Option<&Order> {
        self.orders.iter().find(|order| order.id == id)
    }

    pub fn open_orders(&self) -> usize {
        self.orders.iter().filter(|order| order.status == Status::Open).count()
    }

    pub fn has_placed(&self, client_order_id: &str) -> bool {
        self.orders.iter().any(|order| order.client_order_id == client_order_id)
    }

    pub fn cancel(&mut self, order: u64, now: i64) -> Result<(), Refusal> {
        let order = self.order_mut(order).ok_or(Refusal::NotFound)?;
        if order.status != Status::Open {
            return Err(Refusal::OrderClosed);
        }
        order.end(Status::Cancelled, now);
        Ok(())
    }

    /// Executes and ends the open orders as the market has it: those that were executed.
    pub fn settle(&mut self, market: &Market) -> Vec<Order> {
        let mut executed = Vec::new();
        for at in 0..self.orders.len() {
            if self.orders[at].status == Status::Open && self.orders[at].move_on(market) {
                let order = self.orders[at].clone();
                self.execute(&order, market.now);
                executed.push(order);
            }
        }
        self.forget();
        executed
    }

    fn order_mut(&mut self, id: u64) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.id == id)
    }

    /// Whether the account may have this order, in the place of the one that it changes.
    fn check(&self, terms: &Terms, changes: Option<u64>, market: &Market) -> Result<(), Refusal> {
        let mut replaced = None;
        if let Some(id) = changes {
            let order = self.order(id).ok_or(Refusal::NotFound)?;
            if order.status != Status::Open {
                return Err(Refusal::OrderClosed);
            }
            replaced = Some(order);
        }
        let open = self.orders.iter().filter(|order| order.status == Status::Open && Some(order.id) != changes);
        if open.clone().count() >= MOST_OPEN {
            return Err(Refusal::invalid("The account has too many open orders"));
        }
        for leg in &terms.legs {
            let promised: i64 = open.clone().flat_map(|order| &order.terms.legs).map(|other| other.closing(leg)).sum();
            if leg.action.closes() && self.closable(leg) < promised + leg.quantity {
                return Err(Refusal::Shares);
            }
            if self.mode == Mode::Cash && !leg.action.buys() && !leg.action.closes() && terms.legs.len() == 1 {
                return Err(Refusal::invalid("A cash account sells nothing that it does not have"));
            }
        }
        let freed = replaced.map_or(Decimal::ZERO, |order| cost(&order.terms, market));
        let factor = if self.mode == Mode::Margin { Decimal::TWO } else { Decimal::ONE };
        if cost(terms, market) > self.buying_power(market) + freed * factor && cost(terms, market) > Decimal::ZERO {
            return Err(Refusal::Funds);
        }
        Ok(())
    }

    /// How much of what a closing leg names the account has, or owes.
    fn closable(&self, leg: &Leg) -> i64 {
        let quantity = self.position(&leg.product).map_or(0, |position| position.quantity);
        (if leg.action.buys() { -quantity } else { quantity }).max(0)
    }

    fn position(&self, product: &Product) -> Option<&Position> {
        self.positions.iter().find(|position| position.product == *product)
    }

    fn execute(&mut self, order: &Order, now: i64) {
        for (leg, price) in order.terms.legs.iter().zip(&order.prices) {
            let fee = leg.commission();
            let amount = leg.proceeds(*price) - fee;
            let quantity = if leg.action.buys() { leg.quantity } else { -leg.quantity };
            let kind = if leg.action.buys() { "Bought" } else { "Sold" };
            self.trade(&leg.product, quantity, *price, fee, now);
            self.cash += amount;
            self.record(now, kind, leg.product.description(), amount, Some((&leg.product, quantity, *price, fee)));
        }
    }

    /// Adds to a position; a negative quantity takes from it.
    pub fn trade(&mut self, product: &Product, quantity: i64, price: Decimal, fee: Decimal, now: i64) {
        if let Some(position) = self.positions.iter_mut().find(|position| position.product == *product) {
            position.add(quantity, price, fee);
        } else {
            self.last_position += 1;
            self.positions.push(Position {
                id: 10_000_000 + self.last_position,
                product: product.clone(),
                quantity,
                price_paid: price,
                commissions: fee,
                acquired: now,
            });
        }
        self.positions.retain(|position| position.quantity != 0);
    }

    /// Notes a transaction, with what was traded in it: product, quantity, price and fee.
    pub fn record(
        &mut self,
        at: i64,
        kind: &str,
        description: String,
        amount: Decimal,
        traded: Option<(&Product, i64, Decimal, Decimal)>,
    ) {
        self.last_transaction += 1;
        let (product, quantity, price, fee) = match traded {
            Some((product, quantity, price, fee)) => (Some(product.clone()), quantity, price, fee),
            None => (None, 0, Decimal::ZERO, Decimal::ZERO),
        };
        let id = format!("{}{:06}", new_york(at).strftime("%Y%m%d"), self.last_transaction);
        let kind = kind.to_owned();
        self.transactions.push(Transaction { id, at, kind, description, amount, product, quantity, price, fee });
    }

    /// Keeps memory within bounds: the oldest finished orders and transactions go.
    fn forget(&mut self) {
        let finished = self.orders.iter().filter(|order| order.status != Status::Open).count();
        let mut surplus = finished.saturating_sub(REMEMBERED);
        self.orders.retain(|order| {
            let goes = surplus > 0 && order.status != Status::Open;
            surplus -= usize::from(goes);
            !goes
        });
        let surplus = self.transactions.len().saturating_sub(REMEMBERED);
        self.transactions.drain(..surplus);
    }
}

/// What an order takes from the buying power.
fn cost(terms: &Terms, market: &Market) -> Decimal {
    (terms.commission() - terms.estimated_proceeds(market)).max(Decimal::ZERO)
}

impl Leg {
    /// How much of what the other leg would close this one closes as well.
    fn closing(&self, other: &Self) -> i64 {
        let same = self.action.closes() && self.action.buys() == other.action.buys() && self.product == other.product;
        if same { self.quantity } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::seed::Seed;
    use crate::broker::terms::{Action, OrderTerm, PriceType};

    /// 2026-01-15 12:00 in New York.
    const NOON: i64 = 1_768_496_400;

    fn account(mode: Mode) -> Account {
        Account::new("1".to_owned(), "1".to_owned(), mode, "", "", Decimal::from(100_000))
    }

    fn order(action: Action, quantity: i64) -> Terms {
        Terms {
            order_type: "EQ".to_owned(),
            price_type: PriceType::Market,
            order_term: OrderTerm::GoodForDay,
            market_session: "REGULAR".to_owned(),
            all_or_none: false,
            limit_price: None,
            stop_price: None,
            legs: vec![Leg { product: Product::plain("IBM"), action, quantity }],
        }
    }

    /// Places an order at the market: the price that it gets.
    fn trade(account: &mut Account, action: Action, quantity: i64, now: i64) -> Result<Decimal, Refusal> {
        let market = Market::at(Seed(1), now);
        let terms = order(action, quantity);
        let preview = account.preview(terms.clone(), None, &market)?;
        let id = account.place(format!("N{preview}"), terms, preview, None, &market)?;
        account.settle(&market);
        Ok(account.order(id).unwrap().prices[0])
    }

    #[test]
    fn memory_is_bounded() {
        let mut account = account(Mode::Cash);
        let market = Market::at(Seed(1), NOON);
        for _ in 0..REMEMBERED {
            trade(&mut account, Action::Buy, 1, NOON).unwrap();
            trade(&mut account, Action::Sell, 1, NOON).unwrap();
            account.preview(order(Action::Buy, 1), None, &market).unwrap();
        }
        let lengths = (account.orders.len(), account.transactions.len(), account.previews.len());
        assert_eq!(lengths, (REMEMBERED, REMEMBERED, MOST_PREVIEWS));
        assert_eq!((account.last_order, account.positions.len()), (2 * REMEMBERED as u64, 0));
    }

    #[test]
    fn a_position_has_its_average_price() {
        let mut account = account(Mode::Cash);
        let first = trade(&mut account, Action::Buy, 10, NOON).unwrap();
        let second = trade(&mut account, Action::Buy, 30, NOON + 3600).unwrap();
        assert_ne!(first, second);
        let average = (first * Decimal::from(10) + second * Decimal::from(30)) / Decimal::from(40);
        trade(&mut account, Action::Sell, 5, NOON + 7200).unwrap();
        assert_eq!((account.positions[0].price_paid, account.positions[0].quantity), (average.round_dp(4), 35));
    }

    #[test]
    fn what_is_owed_is_covered() {
        assert!(trade(&mut account(Mode::Cash), Action::SellShort, 10, NOON).is_err());
        let mut account = account(Mode::Margin);
        let cash = account.cash;
        let sold = trade(&mut account, Action::SellShort, 10, NOON).unwrap();
        assert_eq!(account.positions[0].quantity, -10);
        assert_eq!(account.cash, cash + sold * Decimal::TEN);
        assert_eq!(trade(&mut account, Action::BuyToCover, 11, NOON), Err(Refusal::Shares));
        let bought = trade(&mut account, Action::BuyToCover, 10, NOON).unwrap();
        assert!(account.positions.is_empty());
        assert_eq!(account.cash, cash + (sold - bought) * Decimal::TEN);
    }
}
