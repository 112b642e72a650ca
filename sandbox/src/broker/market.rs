//! Prices. They change with every hour of the clock, and follow from the seed and the hour alone.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;

use crate::broker::listing::{Kind, Listing};
use crate::broker::product::{Contract, Product, Right};
use crate::broker::seed::Seed;
use crate::clock::new_york;

const HOUR: i64 = 3600;

/// The market at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    seed: Seed,
    pub now: i64,
    /// In New York.
    pub today: Date,
    hour: i64,
    /// The hour with which the day began.
    first_hour: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub last: Decimal,
    pub bid: Decimal,
    pub ask: Decimal,
    pub open: Decimal,
    pub high: Decimal,
    pub low: Decimal,
    pub previous_close: Decimal,
    pub volume: i64,
}

impl Price {
    pub fn change(&self) -> Decimal {
        self.last - self.previous_close
    }

    pub fn change_percentage(&self) -> Decimal {
        percentage(self.change(), self.previous_close)
    }
}

fn gain(share: Decimal, contract: &Contract) -> Decimal {
    match contract.right {
        Right::Call => share - contract.strike,
        Right::Put => contract.strike - share,
    }
}

/// What percentage of the whole a part is, to two places; 0 of nothing.
pub fn percentage(part: Decimal, whole: Decimal) -> Decimal {
    if whole.is_zero() { Decimal::ZERO } else { (part * Decimal::ONE_HUNDRED / whole).round_dp(2) }
}

/// A day on which options expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiration {
    pub date: Date,
    pub monthly: bool,
}

impl Market {
    pub fn at(seed: Seed, now: i64) -> Self {
        let local = new_york(now);
        let midnight = local.start_of_day().expect("New York has midnights").timestamp().as_second();
        Self { seed, now, today: local.date(), hour: now.div_euclid(HOUR), first_hour: midnight.div_euclid(HOUR) }
    }

    /// None if there is no such product.
    pub fn price(&self, product: &Product) -> Option<Price> {
        product.contract.is_none_or(|contract| self.is_listed(&product.symbol, &contract)).then_some(())?;
        self.value(product)
    }

    /// The price of what somebody holds, even if it is not listed any more.
    pub fn value(&self, product: &Product) -> Option<Price> {
        let listing = product.listing()?;
        let last_at = |hour| match product.contract {
            None => self.share(listing, hour),
            Some(contract) => self.option(self.share(listing, hour), &contract),
        };
        let hours: Vec<Decimal> = (self.first_hour..=self.hour).map(last_at).collect();
        let last = last_at(self.hour);
        let spread = match (product.contract, listing.kind) {
            (Some(_), _) => Decimal::new(5, 2),
            // A fund is bought and sold at its net asset value.
            (None, Kind::Fund) => Decimal::ZERO,
            (None, Kind::Equity) => Decimal::new(self.seed.between(&format!("spread/{}", product.symbol), 1, 5), 2),
        };
        Some(Price {
            last,
            bid: (last - spread).max(Decimal::ZERO),
            ask: last + spread,
            open: last_at(self.first_hour),
            high: hours.iter().copied().max().unwrap_or(last),
            low: hours.iter().copied().min().unwrap_or(last),
            previous_close: last_at(self.first_hour - 1),
            volume: self.seed.between(&format!("volume/{}/{}", product.symbol, self.hour), 100_000, 9_000_000),
        })
    }

    fn share(&self, listing: &Listing, hour: i64) -> Decimal {
        let symbol = listing.symbol;
        let slow = self.seed.between(&format!("day/{symbol}/{}", hour.div_euclid(24)), -250, 250);
        let fast = self.seed.between(&format!("hour/{symbol}/{hour}"), -80, 80);
        (listing.base(self.seed) * Decimal::new(10_000 + slow + fast, 4)).round_dp(2)
    }

    /// What an option would fetch if it were exercised, and something for the time that is left.
    fn option(&self, share: Decimal, contract: &Contract) -> Decimal {
        let gain = gain(share, contract);
        let days = Decimal::from(self.days_until(contract.expiry).clamp(0, 365));
        let at_the_money = share * (Decimal::new(10, 3) + days * Decimal::new(8, 4));
        let time = (at_the_money - gain.abs() * Decimal::new(4, 1)).max(Decimal::new(5, 2));
        (gain.max(Decimal::ZERO) + time).round_dp(2)
    }

    /// The price about which a security moves.
    pub fn base(&self, listing: &Listing) -> Decimal {
        listing.base(self.seed)
    }

    /// What an option would fetch if it were exercised now.
    pub fn intrinsic_value(&self, listing: &Listing, contract: &Contract) -> Decimal {
        gain(self.share(listing, self.hour), contract).max(Decimal::ZERO)
    }

    /// The last second of a day in New York.
    pub fn end_of(&self, date: Date) -> i64 {
        let end = date.tomorrow().ok().and_then(|next| next.to_zoned(new_york(self.now).time_zone().clone()).ok());
        end.map_or(0, |end| end.timestamp().as_second() - 1)
    }

    pub fn days_until(&self, date: Date) -> i64 {
        i64::from((date - self.today).get_days())
    }

    fn is_listed(&self, symbol: &str, contract: &Contract) -> bool {
        self.strikes(symbol).contains(&contract.strike)
            && self.expirations().iter().any(|expiration| expiration.date == contract.expiry)
    }

    /// The strike prices of the options on a security: none if there are no options on it.
    pub fn strikes(&self, symbol: &str) -> Vec<Decimal> {
        let Some(listing) = Listing::find(symbol).filter(|listing| listing.kind == Kind::Equity) else {
            return Vec::new();
        };
        let base = listing.base(self.seed);
        let step = if base < Decimal::from(50) { Decimal::ONE } else { Decimal::from(5) };
        let middle = (base / step).round();
        (-10..=10).map(|steps| (middle + Decimal::from(steps)) * step).collect()
    }

    /// The next six Fridays, and the third Fridays of the next six months.
    pub fn expirations(&self) -> Vec<Expiration> {
        let fridays = (0..200).map(|days| self.today + days.days()).filter(|date| date.weekday() == Weekday::Friday);
        fridays
            .map(|date| Expiration { date, monthly: (15..=21).contains(&date.day()) })
            .enumerate()
            .filter(|(number, expiration)| *number < 6 || expiration.monthly)
            .map(|(_, expiration)| expiration)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15, a Thursday, 12:00 in New York.
    const NOON: i64 = 1_768_496_400;

    #[test]
    fn prices_follow_from_the_seed_and_the_hour() {
        let ibm = Product::plain("IBM");
        let price = |seed, now| Market::at(Seed(seed), now).price(&ibm).unwrap();
        assert_eq!(price(1, NOON), price(1, NOON + HOUR - 1));
        assert_ne!(price(1, NOON), price(1, NOON + HOUR));
        assert_ne!(price(1, NOON), price(2, NOON));
        let noon = price(1, NOON);
        assert!(noon.low <= noon.last && noon.last <= noon.high && noon.low <= noon.open && noon.open <= noon.high);
        assert!(noon.bid < noon.last && noon.last < noon.ask);
        // The close is the last price of the day before.
        assert_eq!(noon.previous_close, price(1, NOON - 12 * HOUR - 1).last);
    }

    #[test]
    fn options_expire_on_fridays() {
        let market = Market::at(Seed(1), NOON);
        let expirations = market.expirations();
        assert_eq!(expirations[0].date.to_string(), "2026-01-16");
        assert!(expirations[0].monthly && !expirations[1].monthly);
        assert_eq!(expirations.iter().filter(|expiration| expiration.monthly).count(), 7);
        let option = |strike: Decimal, expiry| {
            let contract = Some(Contract { right: Right::Call, expiry, strike });
            market.price(&Product { symbol: "IBM".to_owned(), contract })
        };
        let strikes = market.strikes("IBM");
        let deep = option(strikes[0], expirations[0].date).unwrap();
        let far = option(strikes[20], expirations[0].date).unwrap();
        assert!(deep.last > far.last && far.bid >= Decimal::ZERO);
        assert_eq!(option(strikes[0] + Decimal::ONE / Decimal::TWO, expirations[0].date), None);
        assert_eq!(option(strikes[0], market.today), None);
        assert!(market.strikes("VFIAX").is_empty());
    }
}
