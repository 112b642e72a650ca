//! Orders: the list, previews, placements and cancellations.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::broker::account::{Account, Mode};
use crate::broker::format::{Format, Number};
use crate::broker::market::Market;
use crate::broker::order::{Order, Status};
use crate::broker::refusal::Refusal;
use crate::broker::reply::product::Product;
use crate::broker::request::Request;
use crate::broker::terms::{Action, Leg, OrderTerm, PriceType, Terms};
use crate::clock::new_york;

/// How many orders a page has unless the call says so, and at most.
const USUAL: usize = 25;
const MOST: usize = 100;
/// How many symbols a list may be asked for.
const MOST_SYMBOLS: usize = 25;

#[derive(Serialize)]
pub struct OrdersResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(rename = "Order")]
    orders: Vec<Listed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    order_id: u64,
    details: String,
    order_type: &'a str,
    /// The sandbox's own: E*TRADE documents that it appears in no response.
    client_order_id: &'a str,
    #[serde(rename = "OrderDetail")]
    details_of_order: [Detail<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    placed_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    executed_time: Option<i64>,
    order_value: Number,
    status: Status,
    order_term: OrderTerm,
    price_type: PriceType,
    limit_price: Number,
    stop_price: Number,
    market_session: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces_order_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by_order_id: Option<u64>,
    all_or_none: bool,
    net_price: Number,
    net_bid: Number,
    net_ask: Number,
    gcd: i64,
    ratio: &'static str,
    #[serde(rename = "Instrument")]
    instruments: Vec<Instrument>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Instrument {
    #[serde(rename = "Product")]
    product: Product,
    symbol_description: String,
    order_action: Action,
    quantity_type: &'static str,
    ordered_quantity: i64,
    filled_quantity: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    average_execution_price: Option<Number>,
    estimated_commission: Number,
    estimated_fees: Number,
}

impl<'a> OrdersResponse<'a> {
    /// None if there are no such orders.
    pub fn of(account: &'a Account, market: &Market, request: &Request) -> Result<Option<Self>, Refusal> {
        let count = request.count(USUAL, MOST);
        let wanted = Filter::read(request)?;
        let marker: u64 = request.number("marker")?.unwrap_or(u64::MAX);
        let mut orders = account.orders.iter().rev().filter(|order| order.id <= marker && wanted.takes(order));
        let page: Vec<Listed> =
            orders.by_ref().take(count).map(|order| Listed::of(order, account, market, request)).collect();
        let marker = orders.next().map(|order| order.id.to_string());
        let list = format!("{}/v1/accounts/{}/orders", request.base, account.key);
        let next = marker.as_ref().map(|marker| format!("{list}?marker={marker}"));
        Ok((!page.is_empty()).then_some(Self { marker, next, orders: page }))
    }

    /// One order.
    pub fn of_one(account: &'a Account, id: &str, market: &Market, request: &Request) -> Result<Self, Refusal> {
        let order = id.parse().ok().and_then(|id| account.order(id)).ok_or(Refusal::NotFound)?;
        Ok(Self { marker: None, next: None, orders: vec![Listed::of(order, account, market, request)] })
    }
}

/// Which orders a list is asked for.
struct Filter {
    status: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    symbols: Option<Vec<String>>,
    security_type: Option<String>,
    transaction_type: Option<String>,
    market_session: Option<String>,
}

impl Filter {
    fn read(request: &Request) -> Result<Self, Refusal> {
        let text = |name| request.parameter(name).map(str::to_uppercase);
        let symbols = text("symbol").map(|symbols| symbols.split(',').map(str::to_owned).collect::<Vec<_>>());
        if symbols.as_ref().is_some_and(|symbols| symbols.len() > MOST_SYMBOLS) {
            return Err(Refusal::invalid("A list accepts 25 symbols"));
        }
        Ok(Self {
            status: text("status"),
            from: request.date("fromDate")?,
            to: request.date("toDate")?,
            symbols,
            security_type: text("securityType"),
            transaction_type: text("transactionType"),
            market_session: text("marketSession"),
        })
    }

    fn takes(&self, order: &Order) -> bool {
        let placed = new_york(order.placed).date();
        let is = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        let any = |test: &dyn Fn(&Leg) -> bool| order.terms.legs.iter().any(test);
        is(&self.status, &name_of(order.status))
            && self.from.is_none_or(|from| from <= placed)
            && self.to.is_none_or(|to| placed <= to)
            && self.symbols.as_ref().is_none_or(|symbols| any(&|leg| symbols.contains(&leg.product.symbol)))
            && any(&|leg| is(&self.security_type, leg.product.security_type()))
            && any(&|leg| is(&self.transaction_type, &name_of(leg.action)))
            && is(&self.market_session, &order.terms.market_session)
    }
}

/// The name that an enumeration's value has in replies.
fn name_of(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

impl<'a> Listed<'a> {
    fn of(order: &'a Order, account: &Account, market: &Market, request: &Request) -> Self {
        let ending = if request.format == Format::Json { ".json" } else { "" };
        Self {
            order_id: order.id,
            details: format!("{}/v1/accounts/{}/orders/{}{ending}", request.base, account.key, order.id),
            order_type: &order.terms.order_type,
            client_order_id: &order.client_order_id,
            details_of_order: [Detail::of(order, market)],
        }
    }
}

impl<'a> Detail<'a> {
    fn of(order: &'a Order, market: &Market) -> Self {
        let terms = &order.terms;
        let value = match order.prices.as_slice() {
            [] => terms.estimated_value(market),
            prices => (terms.proceeds(prices) - terms.commission()).abs(),
        };
        let instrument = |(at, leg): (usize, &Leg)| Instrument::of(leg, order.prices.get(at).copied());
        Self {
            placed_time: Some(order.placed * 1000),
            executed_time: order.ended.map(|ended| ended * 1000),
            order_value: value.into(),
            status: order.status,
            order_term: terms.order_term,
            price_type: terms.price_type,
            limit_price: terms.limit_price.unwrap_or_default().into(),
            stop_price: terms.stop_price.unwrap_or_default().into(),
            market_session: &terms.market_session,
            replaces_order_id: order.replaces,
            replaced_by_order_id: order.replaced_by,
            all_or_none: terms.all_or_none,
            net_price: Number(Decimal::ZERO),
            net_bid: Number(Decimal::ZERO),
            net_ask: Number(Decimal::ZERO),
            gcd: 0,
            ratio: "",
            instruments: terms.legs.iter().enumerate().map(instrument).collect(),
        }
    }
}

impl Instrument {
    fn of(leg: &Leg, price: Option<Decimal>) -> Self {
        Self {
            product: Product::from(&leg.product),
            symbol_description: leg.product.description(),
            order_action: leg.action,
            quantity_type: "QUANTITY",
            ordered_quantity: leg.quantity,
            filled_quantity: Decimal::from(if price.is_some() { leg.quantity } else { 0 }).into(),
            average_execution_price: price.map(Number),
            estimated_commission: leg.commission().into(),
            estimated_fees: Number(Decimal::ZERO),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewOrderResponse<'a> {
    order_type: &'a str,
    total_order_value: Number,
    total_commission: Number,
    #[serde(rename = "Order")]
    order: [Taken<'a>; 1],
    #[serde(rename = "PreviewIds")]
    preview_ids: [PreviewId; 1],
    preview_time: i64,
    dst_flag: bool,
    account_id: &'a str,
    margin_level_cd: &'static str,
    is_employee: bool,
    client_order_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PreviewId {
    preview_id: u64,
    cash_margin: Mode,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceOrderResponse<'a> {
    order_type: &'a str,
    total_order_value: Number,
    total_commission: Number,
    #[serde(rename = "Order")]
    order: [Taken<'a>; 1],
    dst_flag: bool,
    margin_level_cd: &'static str,
    is_employee: bool,
    #[serde(rename = "OrderIds")]
    order_ids: [OrderId; 1],
    placed_time: i64,
    account_id: &'a str,
    client_order_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderId {
    order_id: u64,
    cash_margin: Mode,
}

/// An order as it was understood.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken<'a> {
    order_term: OrderTerm,
    price_type: PriceType,
    limit_price: Number,
    stop_price: Number,
    market_session: &'a str,
    all_or_none: bool,
    messages: Messages,
    estimated_commission: Number,
    estimated_total_amount: Number,
    net_price: Number,
    net_bid: Number,
    net_ask: Number,
    gcd: i64,
    ratio: &'static str,
    #[serde(rename = "Instrument")]
    instruments: Vec<TakenInstrument>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TakenInstrument {
    #[serde(rename = "Product")]
    product: Product,
    symbol_description: String,
    order_action: Action,
    quantity_type: &'static str,
    quantity: i64,
    cancel_quantity: Number,
    reserve_order: bool,
    reserve_quantity: Number,
}

#[derive(Serialize)]
struct Messages {
    #[serde(rename = "Message")]
    messages: [Message; 1],
}

#[derive(Serialize)]
struct Message {
    description: &'static str,
    code: u32,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> Taken<'a> {
    fn of(terms: &'a Terms, market: &Market) -> Self {
        let instrument = |leg: &Leg| TakenInstrument {
            product: Product::from(&leg.product),
            symbol_description: leg.product.description(),
            order_action: leg.action,
            quantity_type: "QUANTITY",
            quantity: leg.quantity,
            cancel_quantity: Number(Decimal::ZERO),
            reserve_order: false,
            reserve_quantity: Number(Decimal::ZERO),
        };
        let entered = Message {
            description: "200|Your order was successfully entered during market hours.",
            code: 1026,
            kind: "WARNING",
        };
        Self {
            order_term: terms.order_term,
            price_type: terms.price_type,
            limit_price: terms.limit_price.unwrap_or_default().into(),
            stop_price: terms.stop_price.unwrap_or_default().into(),
            market_session: &terms.market_session,
            all_or_none: terms.all_or_none,
            messages: Messages { messages: [entered] },
            estimated_commission: terms.commission().into(),
            estimated_total_amount: terms.estimated_value(market).into(),
            net_price: Number(Decimal::ZERO),
            net_bid: Number(Decimal::ZERO),
            net_ask: Number(Decimal::ZERO),
            gcd: 0,
            ratio: "",
            instruments: terms.legs.iter().map(instrument).collect(),
        }
    }
}

fn is_summer(market: &Market) -> bool {
    let now = new_york(market.now);
    now.time_zone().to_offset_info(now.timestamp()).dst().is_dst()
}

impl<'a> PreviewOrderResponse<'a> {
    pub fn of(account: &'a Account, terms: &'a Terms, client: &'a str, preview_id: u64, market: &Market) -> Self {
        Self {
            order_type: &terms.order_type,
            total_order_value: terms.estimated_value(market).into(),
            total_commission: terms.commission().into(),
            order: [Taken::of(terms, market)],
            preview_ids: [PreviewId { preview_id, cash_margin: account.mode }],
            preview_time: market.now * 1000,
            dst_flag: is_summer(market),
            account_id: &account.id,
            margin_level_cd: account.margin_level(),
            is_employee: false,
            client_order_id: client,
        }
    }
}

impl<'a> PlaceOrderResponse<'a> {
    pub fn of(account: &'a Account, order: &'a Order, market: &Market) -> Self {
        Self {
            order_type: &order.terms.order_type,
            total_order_value: order.terms.estimated_value(market).into(),
            total_commission: order.terms.commission().into(),
            order: [Taken::of(&order.terms, market)],
            dst_flag: is_summer(market),
            margin_level_cd: account.margin_level(),
            is_employee: false,
            order_ids: [OrderId { order_id: order.id, cash_margin: account.mode }],
            placed_time: order.placed * 1000,
            account_id: &account.id,
            client_order_id: &order.client_order_id,
        }
    }
}

impl Account {
    fn margin_level(&self) -> &'static str {
        match self.mode {
            Mode::Cash => "MARGIN_TRADING_NOT_ALLOWED",
            Mode::Margin => "MARGIN_TRADING_ALLOWED",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelOrderResponse<'a> {
    account_id: &'a str,
    order_id: u64,
    cancel_time: i64,
    #[serde(rename = "Messages")]
    messages: Messages,
}

impl<'a> CancelOrderResponse<'a> {
    pub fn of(account: &'a Account, order_id: u64, now: i64) -> Self {
        let cancelled = Message {
            description: "200|Your request to cancel your order is being processed.",
            code: 5011,
            kind: "WARNING",
        };
        Self {
            account_id: &account.id,
            order_id,
            cancel_time: now * 1000,
            messages: Messages { messages: [cancelled] },
        }
    }
}
