//! What an account holds of a product.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::broker::market::Market;
use crate::broker::product::Product;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Position {
    pub id: u64,
    pub product: Product,
    /// Negative for a short position.
    pub quantity: i64,
    /// For each share, on average.
    pub price_paid: Decimal,
    pub commissions: Decimal,
    pub acquired: i64,
}

impl Position {
    pub fn market_value(&self, market: &Market) -> Decimal {
        let price = market.value(&self.product).map_or(Decimal::ZERO, |price| price.last);
        price * self.shares()
    }

    pub fn total_cost(&self) -> Decimal {
        self.price_paid * self.shares()
    }

    fn shares(&self) -> Decimal {
        Decimal::from(self.quantity) * self.product.multiplier()
    }

    pub fn add(&mut self, quantity: i64, price: Decimal, fee: Decimal) {
        let (before, added) = (Decimal::from(self.quantity), Decimal::from(quantity));
        self.quantity += quantity;
        self.commissions += fee;
        if before.is_sign_negative() == added.is_sign_negative() {
            self.price_paid = ((self.price_paid * before + price * added) / (before + added)).round_dp(4);
        }
    }
}
