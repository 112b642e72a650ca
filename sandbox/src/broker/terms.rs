//! What an order says: read from its request, and whether and at what prices the market fills it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::broker::format::{many, text};
use crate::broker::market::Market;
use crate::broker::product::{Contract, Product, Right};
use crate::broker::refusal::Refusal;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub order_type: String,
    pub price_type: PriceType,
    pub order_term: OrderTerm,
    pub market_session: String,
    pub all_or_none: bool,
    /// Set if the price type has a limit.
    pub limit_price: Option<Decimal>,
    /// Set if the price type has a stop.
    pub stop_price: Option<Decimal>,
    pub legs: Vec<Leg>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    pub product: Product,
    pub action: Action,
    pub quantity: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PriceType {
    Market,
    MarketOnOpen,
    MarketOnClose,
    Limit,
    Stop,
    StopLimit,
    NetDebit,
    NetCredit,
    NetEven,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderTerm {
    GoodUntilCancel,
    GoodForDay,
    GoodTillDate,
    ImmediateOrCancel,
    FillOrKill,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    Buy,
    Sell,
    BuyToCover,
    SellShort,
    BuyOpen,
    BuyClose,
    SellOpen,
    SellClose,
}

impl Action {
    pub fn buys(self) -> bool {
        matches!(self, Self::Buy | Self::BuyToCover | Self::BuyOpen | Self::BuyClose)
    }

    /// Whether it reduces what the account has or owes.
    pub fn closes(self) -> bool {
        matches!(self, Self::Sell | Self::SellClose | Self::BuyToCover | Self::BuyClose)
    }

    fn suits(self, product: &Product) -> bool {
        let of_options = matches!(self, Self::BuyOpen | Self::BuyClose | Self::SellOpen | Self::SellClose);
        of_options == product.contract.is_some()
    }
}

impl PriceType {
    fn has_limit(self) -> bool {
        matches!(self, Self::Limit | Self::StopLimit | Self::NetDebit | Self::NetCredit)
    }

    fn has_stop(self) -> bool {
        matches!(self, Self::Stop | Self::StopLimit)
    }

    fn is_net(self) -> bool {
        matches!(self, Self::NetDebit | Self::NetCredit | Self::NetEven)
    }
}

/// What a contract of an option costs in commission.
const COMMISSION: Decimal = Decimal::from_parts(65, 0, 0, false, 2);
const LARGEST_QUANTITY: i64 = 1_000_000;
const MOST_LEGS: usize = 4;

impl Terms {
    /// Reads a `PreviewOrderRequest` or `PlaceOrderRequest`.
    pub fn read(request: &Value, market: &Market) -> Result<Self, Refusal> {
        let orders = many(request, "Order");
        let [order] = orders else {
            return Err(Refusal::invalid("A request has one Order"));
        };
        let price_type: PriceType = one_of(order, "priceType")?;
        let legs = many(order, "Instrument").iter().map(|leg| Leg::read(leg, market)).collect::<Result<Vec<_>, _>>()?;
        if legs.is_empty() || legs.len() > MOST_LEGS {
            return Err(Refusal::invalid("An Order has one Instrument to four"));
        }
        if (legs.len() > 1) != price_type.is_net() && price_type != PriceType::Market {
            return Err(Refusal::invalid("The priceType does not suit the number of Instruments"));
        }
        Ok(Self {
            order_type: text(request, "orderType").ok_or_else(|| missing("orderType"))?,
            price_type,
            order_term: one_of(order, "orderTerm")?,
            market_session: text(order, "marketSession").unwrap_or_else(|| "REGULAR".to_owned()),
            all_or_none: text(order, "allOrNone").is_some_and(|flag| flag.eq_ignore_ascii_case("true")),
            limit_price: price_type.has_limit().then(|| price(order, "limitPrice")).transpose()?,
            stop_price: price_type.has_stop().then(|| price(order, "stopPrice")).transpose()?,
            legs,
        })
    }

    pub fn is_for_now(&self) -> bool {
        matches!(self.order_term, OrderTerm::ImmediateOrCancel | OrderTerm::FillOrKill)
    }

    pub fn is_for_today(&self) -> bool {
        self.is_for_now() || self.order_term == OrderTerm::GoodForDay
    }

    /// The day after which an option of it is no more.
    pub fn last_day(&self) -> Option<Date> {
        self.legs.iter().filter_map(|leg| leg.product.contract).map(|contract| contract.expiry).min()
    }

    pub fn commission(&self) -> Decimal {
        self.legs.iter().map(Leg::commission).sum()
    }

    /// Whether the market has reached the stop price; an order without one is always past it.
    pub fn is_triggered(&self, market: &Market) -> bool {
        let (Some(stop), Some(leg)) = (self.stop_price, self.legs.first()) else {
            return true;
        };
        let last = market.value(&leg.product).map(|price| price.last);
        last.is_some_and(|last| if leg.action.buys() { last >= stop } else { last <= stop })
    }

    /// The price of each leg, if the market fills an order that is past its stop price.
    pub fn fill(&self, market: &Market) -> Option<Vec<Decimal>> {
        let prices = self.market_prices(market)?;
        let limit = self.limit_price.unwrap_or_default();
        let fills = match self.price_type {
            PriceType::Market | PriceType::MarketOnOpen | PriceType::MarketOnClose | PriceType::Stop => true,
            PriceType::Limit | PriceType::StopLimit => match self.legs[0].action.buys() {
                true => prices[0] <= limit,
                false => prices[0] >= limit,
            },
            PriceType::NetDebit => -self.net(&prices) <= limit,
            PriceType::NetCredit => self.net(&prices) >= limit,
            PriceType::NetEven => self.net(&prices) >= Decimal::ZERO,
        };
        fills.then_some(prices)
    }

    /// Buyers pay what is asked, sellers get what is bid.
    fn market_prices(&self, market: &Market) -> Option<Vec<Decimal>> {
        let price = |leg: &Leg| {
            let price = market.value(&leg.product)?;
            Some(if leg.action.buys() { price.ask } else { price.bid })
        };
        self.legs.iter().map(price).collect()
    }

    /// What one unit of a spread brings in.
    fn net(&self, prices: &[Decimal]) -> Decimal {
        let units = self.legs.iter().map(|leg| leg.quantity).min().unwrap_or(1);
        let legs = self.legs.iter().zip(prices);
        legs.map(|(leg, price)| leg.signed(*price) * Decimal::from(leg.quantity) / Decimal::from(units)).sum()
    }

    /// What the order changes in the account's cash at these prices, without commission.
    pub fn proceeds(&self, prices: &[Decimal]) -> Decimal {
        self.legs.iter().zip(prices).map(|(leg, price)| leg.proceeds(*price)).sum()
    }

    /// What it is expected to cost, or to bring in, commission included; E*TRADE writes both as positive.
    pub fn estimated_value(&self, market: &Market) -> Decimal {
        (self.estimated_proceeds(market) - self.commission()).abs()
    }

    /// The proceeds at its own price, or else at the market's.
    pub fn estimated_proceeds(&self, market: &Market) -> Decimal {
        match (self.limit_price.or(self.stop_price), self.price_type) {
            (Some(price), PriceType::NetDebit | PriceType::NetCredit) => {
                let units = Decimal::from(self.legs.iter().map(|leg| leg.quantity).min().unwrap_or(1));
                let value = price * units * self.legs[0].product.multiplier();
                if self.price_type == PriceType::NetDebit { -value } else { value }
            }
            (Some(price), _) => self.proceeds(&vec![price; self.legs.len()]),
            (None, _) => self.proceeds(&self.market_prices(market).unwrap_or_default()),
        }
    }
}

impl Leg {
    fn read(instrument: &Value, market: &Market) -> Result<Self, Refusal> {
        let product = read_product(&instrument["Product"])?;
        if market.price(&product).is_none() {
            return Err(Refusal::Symbol(product.symbol));
        }
        let action: Action = one_of(instrument, "orderAction")?;
        if !action.suits(&product) {
            return Err(Refusal::invalid("The orderAction does not suit the securityType"));
        }
        if text(instrument, "quantityType").is_some_and(|kind| kind != "QUANTITY") {
            return Err(Refusal::invalid("The sandbox knows the quantityType QUANTITY only"));
        }
        let quantity = number(instrument, "quantity")?;
        let whole = i64::try_from(quantity).ok().filter(|whole| Decimal::from(*whole) == quantity);
        let quantity = whole.filter(|quantity| (1..=LARGEST_QUANTITY).contains(quantity));
        Ok(Self { product, action, quantity: quantity.ok_or_else(|| Refusal::invalid("The quantity is not valid"))? })
    }

    pub fn commission(&self) -> Decimal {
        if self.product.contract.is_some() { COMMISSION * Decimal::from(self.quantity) } else { Decimal::ZERO }
    }

    /// What it changes in the account's cash at this price, without commission.
    pub fn proceeds(&self, price: Decimal) -> Decimal {
        self.signed(price) * Decimal::from(self.quantity) * self.product.multiplier()
    }

    /// A price as the account sees it: what it pays is negative.
    fn signed(&self, price: Decimal) -> Decimal {
        if self.action.buys() { -price } else { price }
    }
}

fn read_product(product: &Value) -> Result<Product, Refusal> {
    let symbol = text(product, "symbol").ok_or_else(|| missing("symbol"))?.to_uppercase();
    if text(product, "callPut").is_none() && text(product, "securityType").as_deref() != Some("OPTN") {
        return Ok(Product::plain(&symbol));
    }
    let right = text(product, "callPut").and_then(|right| Right::read(&right)).ok_or_else(|| missing("callPut"))?;
    let part = |name| text(product, name).and_then(|part| part.parse::<i16>().ok());
    let expiry = || {
        let (month, day) = (i8::try_from(part("expiryMonth")?).ok()?, i8::try_from(part("expiryDay")?).ok()?);
        Date::new(part("expiryYear")?, month, day).ok()
    };
    let expiry = expiry().ok_or_else(|| Refusal::invalid("The expiration date is not valid"))?;
    Ok(Product { symbol, contract: Some(Contract { right, expiry, strike: number(product, "strikePrice")? }) })
}

fn missing(name: &str) -> Refusal {
    Refusal::invalid(format!("{name} is missing or not valid"))
}

/// A value of an enumeration.
fn one_of<T: for<'a> Deserialize<'a>>(object: &Value, name: &str) -> Result<T, Refusal> {
    let text = text(object, name).ok_or_else(|| missing(name))?;
    serde_json::from_value(Value::String(text)).map_err(|_| missing(name))
}

fn number(object: &Value, name: &str) -> Result<Decimal, Refusal> {
    let text = text(object, name).ok_or_else(|| missing(name))?;
    Decimal::from_str_exact(&text).map_err(|_| missing(name))
}

fn price(object: &Value, name: &str) -> Result<Decimal, Refusal> {
    let price = number(object, name)?;
    let valid = price > Decimal::ZERO && price < Decimal::from(1_000_000) && price.normalize().scale() <= 4;
    valid.then_some(price).ok_or_else(|| missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::seed::Seed;

    /// 2026-01-15 12:00 in New York.
    const NOON: i64 = 1_768_496_400;

    fn terms(price_type: PriceType, price: Decimal, legs: Vec<Leg>) -> Terms {
        Terms {
            order_type: "EQ".to_owned(),
            price_type,
            order_term: OrderTerm::GoodUntilCancel,
            market_session: "REGULAR".to_owned(),
            all_or_none: false,
            limit_price: price_type.has_limit().then_some(price),
            stop_price: price_type.has_stop().then_some(price),
            legs,
        }
    }

    fn leg(product: Product, action: Action, quantity: i64) -> Leg {
        Leg { product, action, quantity }
    }

    #[test]
    fn a_stop_waits_for_its_price() {
        let market = Market::at(Seed(1), NOON);
        let ibm = Product::plain("IBM");
        let last = market.price(&ibm).unwrap().last;
        let triggered = |action, cents| {
            let stop = last + Decimal::new(cents, 2);
            terms(PriceType::Stop, stop, vec![leg(ibm.clone(), action, 1)]).is_triggered(&market)
        };
        assert_eq!([-1, 0, 1].map(|cents| triggered(Action::Buy, cents)), [true, true, false]);
        assert_eq!([-1, 0, 1].map(|cents| triggered(Action::Sell, cents)), [false, true, true]);
    }

    #[test]
    fn a_spread_is_filled_at_its_net_price() {
        let market = Market::at(Seed(1), NOON);
        let expiry = market.expirations()[3].date;
        let call = |at: usize| Product {
            symbol: "IBM".to_owned(),
            contract: Some(Contract { right: Right::Call, expiry, strike: market.strikes("IBM")[at] }),
        };
        let (low, high) = (market.price(&call(9)).unwrap(), market.price(&call(11)).unwrap());
        let sale = [leg(call(9), Action::SellOpen, 2), leg(call(11), Action::BuyOpen, 2)];
        let purchase = [leg(call(9), Action::BuyOpen, 2), leg(call(11), Action::SellOpen, 2)];
        let (credit, debit) = (low.bid - high.ask, low.ask - high.bid);
        let cent = Decimal::new(1, 2);
        for (price_type, price, legs, filled) in [
            (PriceType::NetCredit, credit, &sale, true),
            (PriceType::NetCredit, credit + cent, &sale, false),
            (PriceType::NetDebit, debit, &purchase, true),
            (PriceType::NetDebit, debit - cent, &purchase, false),
            (PriceType::NetEven, Decimal::ZERO, &sale, true),
            (PriceType::NetEven, Decimal::ZERO, &purchase, false),
        ] {
            let terms = terms(price_type, price, legs.to_vec());
            assert_eq!(terms.fill(&market).is_some(), filled, "{price_type:?} {price}");
        }
        let sold = terms(PriceType::NetCredit, credit, sale.to_vec());
        let prices = sold.fill(&market).unwrap();
        assert_eq!(sold.proceeds(&prices), credit * Decimal::from(200));
        assert_eq!(sold.commission(), Decimal::new(260, 2));
    }
}
