//! The positions of an account.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::broker::account::Account;
use crate::broker::format::Number;
use crate::broker::market::{Market, Price, percentage};
use crate::broker::position::Position;
use crate::broker::refusal::Refusal;
use crate::broker::reply::product::Product;
use crate::broker::request::Request;

/// How many positions a page has unless the call says so.
const USUAL: usize = 50;

#[derive(Serialize)]
pub struct PortfolioResponse<'a> {
    #[serde(rename = "Totals", skip_serializing_if = "Option::is_none")]
    totals: Option<Totals>,
    #[serde(rename = "AccountPortfolio")]
    account_portfolio: Vec<AccountPortfolio<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    todays_gain_loss: Number,
    todays_gain_loss_pct: Number,
    total_market_value: Number,
    total_gain_loss: Number,
    total_gain_loss_pct: Number,
    total_price_paid: Number,
    cash_balance: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountPortfolio<'a> {
    account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_no: Option<usize>,
    total_pages: usize,
    #[serde(rename = "Position")]
    positions: Vec<Listed>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    position_id: u64,
    #[serde(rename = "Product")]
    product: Product,
    symbol_description: String,
    date_acquired: i64,
    price_paid: Number,
    commissions: Number,
    other_fees: Number,
    quantity: i64,
    position_indicator: &'static str,
    position_type: &'static str,
    days_gain: Number,
    days_gain_pct: Number,
    market_value: Number,
    total_cost: Number,
    total_gain: Number,
    total_gain_pct: Number,
    pct_of_portfolio: Number,
    cost_per_share: Number,
    today_commissions: Number,
    today_fees: Number,
    today_price_paid: Number,
    today_quantity: i64,
    adj_prev_close: Number,
    quote_details: String,
    #[serde(flatten)]
    view: View,
}

/// What the parameter `view` adds, in an element of its own name.
#[derive(Serialize)]
enum View {
    Quick(Quote),
    Performance(Quote),
    Fundamental(Quote),
    OptionsWatch(Quote),
    Complete(Quote),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    last_trade: Number,
    last_trade_time: i64,
    change: Number,
    change_pct: Number,
    volume: i64,
    quote_status: &'static str,
    bid: Number,
    ask: Number,
    prev_close: Number,
    open: Number,
    days_range: String,
}

impl<'a> PortfolioResponse<'a> {
    /// None if there are no positions.
    pub fn of(account: &'a Account, market: &Market, request: &Request) -> Result<Option<Self>, Refusal> {
        let count = request.count(USUAL, usize::MAX);
        let page = request.number("pageNumber")?.unwrap_or(1usize);
        let pages: Vec<&[Position]> = account.positions.chunks(count).collect();
        let Some(positions) = page.checked_sub(1).and_then(|page| pages.get(page)) else {
            return Ok(None);
        };
        let view = request.parameter("view").unwrap_or("QUICK").to_uppercase();
        let whole = account.market_value(market);
        let listed = |position| Listed::of(position, market, whole, &view, &request.base);
        let portfolio = AccountPortfolio {
            account_id: &account.id,
            next_page_no: (page < pages.len()).then_some(page + 1),
            total_pages: pages.len(),
            positions: positions.iter().map(listed).collect::<Result<_, _>>()?,
        };
        let totals = request.flag("totalsRequired").then(|| Totals::of(account, market));
        Ok(Some(Self { totals, account_portfolio: vec![portfolio] }))
    }
}

impl Totals {
    fn of(account: &Account, market: &Market) -> Self {
        let value = account.market_value(market);
        let paid: Decimal = account.positions.iter().map(Position::total_cost).sum();
        let today: Decimal = account.positions.iter().map(|position| days_gain(position, market)).sum();
        Self {
            todays_gain_loss: today.into(),
            todays_gain_loss_pct: percentage(today, value - today).into(),
            total_market_value: value.into(),
            total_gain_loss: (value - paid).into(),
            total_gain_loss_pct: percentage(value - paid, paid).into(),
            total_price_paid: paid.into(),
            cash_balance: account.cash.into(),
        }
    }
}

fn days_gain(position: &Position, market: &Market) -> Decimal {
    let change = market.value(&position.product).map_or(Decimal::ZERO, |price| price.change());
    change * Decimal::from(position.quantity) * position.product.multiplier()
}

impl Listed {
    fn of(position: &Position, market: &Market, whole: Decimal, view: &str, base: &str) -> Result<Self, Refusal> {
        let price = market.value(&position.product).ok_or(Refusal::NotFound)?;
        let (value, cost) = (position.market_value(market), position.total_cost());
        let today = days_gain(position, market);
        let none = Number(Decimal::ZERO);
        Ok(Self {
            position_id: position.id,
            product: Product::from(&position.product),
            symbol_description: position.product.display_symbol(),
            date_acquired: position.acquired * 1000,
            price_paid: position.price_paid.into(),
            commissions: position.commissions.into(),
            other_fees: none,
            quantity: position.quantity,
            position_indicator: "TYPE2",
            position_type: if position.quantity < 0 { "SHORT" } else { "LONG" },
            days_gain: today.into(),
            days_gain_pct: percentage(today, value - today).into(),
            market_value: value.into(),
            total_cost: cost.into(),
            total_gain: (value - cost).into(),
            total_gain_pct: percentage(value - cost, cost.abs()).into(),
            pct_of_portfolio: percentage(value, whole).into(),
            cost_per_share: position.price_paid.into(),
            today_commissions: none,
            today_fees: none,
            today_price_paid: none,
            today_quantity: 0,
            adj_prev_close: price.previous_close.into(),
            quote_details: format!("{base}/v1/market/quote/{}", position.product.quote_symbol()),
            view: View::of(view, Quote::of(&price, market))?,
        })
    }
}

impl View {
    fn of(view: &str, quote: Quote) -> Result<Self, Refusal> {
        Ok(match view {
            "QUICK" => Self::Quick(quote),
            "PERFORMANCE" => Self::Performance(quote),
            "FUNDAMENTAL" => Self::Fundamental(quote),
            "OPTIONSWATCH" => Self::OptionsWatch(quote),
            "COMPLETE" => Self::Complete(quote),
            _ => return Err(Refusal::invalid("view is not valid")),
        })
    }
}

impl Quote {
    fn of(price: &Price, market: &Market) -> Self {
        Self {
            last_trade: price.last.into(),
            last_trade_time: market.now,
            change: price.change().into(),
            change_pct: price.change_percentage().into(),
            volume: price.volume,
            quote_status: "REALTIME",
            bid: price.bid.into(),
            ask: price.ask.into(),
            prev_close: price.previous_close.into(),
            open: price.open.into(),
            days_range: format!("{}-{}", price.low, price.high),
        }
    }
}
