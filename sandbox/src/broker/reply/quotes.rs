//! Quotes, and the look-up of symbols.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::broker::format::Number;
use crate::broker::listing::{Kind, Listing};
use crate::broker::market::{Market, Price, percentage};
use crate::broker::product;
use crate::broker::refusal::Refusal;
use crate::broker::reply::product::Product;
use crate::broker::request::Request;
use crate::clock::new_york;

/// How many symbols one call accepts, and with `overrideSymbolCount`.
const MOST_SYMBOLS: usize = 25;
const MOST_SYMBOLS_OVERRIDDEN: usize = 50;
/// How many results a look-up has at most.
const MOST_RESULTS: usize = 10;

#[derive(Serialize)]
pub struct QuoteResponse {
    #[serde(rename = "QuoteData", skip_serializing_if = "Vec::is_empty")]
    quotes: Vec<QuoteData>,
    #[serde(rename = "Messages", skip_serializing_if = "Option::is_none")]
    messages: Option<Messages>,
}

#[derive(Serialize)]
struct Messages {
    #[serde(rename = "Message")]
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Message {
    description: String,
    code: u32,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QuoteData {
    date_time: String,
    #[serde(rename = "dateTimeUTC")]
    date_time_utc: i64,
    quote_status: &'static str,
    /// A text in JSON as well.
    ah_flag: &'static str,
    #[serde(flatten)]
    detail: Detail,
    #[serde(rename = "Product")]
    product: Product,
}

/// What `detailFlag` asks for, in an element of its own name.
#[derive(Serialize)]
enum Detail {
    All(Box<All>),
    Fundamental(Fundamental),
    Intraday(Intraday),
    Option(OptionDetail),
    Week52(Week52),
    MutualFund(MutualFund),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct All {
    adjusted_flag: bool,
    ask: Number,
    ask_size: i64,
    ask_time: String,
    bid: Number,
    bid_exchange: &'static str,
    bid_size: i64,
    bid_time: String,
    change_close: Number,
    change_close_percentage: Number,
    company_name: String,
    days_to_expiration: i64,
    dir_last: &'static str,
    dividend: Number,
    eps: Number,
    est_earnings: Number,
    ex_dividend_date: i64,
    high: Number,
    high52: Number,
    last_trade: Number,
    low: Number,
    low52: Number,
    open: Number,
    open_interest: i64,
    option_style: &'static str,
    option_underlier: String,
    previous_close: Number,
    previous_day_volume: i64,
    primary_exchange: &'static str,
    symbol_description: String,
    total_volume: i64,
    upc: i64,
    cash_deliverable: Number,
    market_cap: Number,
    shares_outstanding: i64,
    next_earning_date: &'static str,
    beta: Number,
    #[serde(rename = "yield")]
    dividend_yield: Number,
    declared_dividend: Number,
    dividend_payable_date: i64,
    pe: Number,
    week52_low_date: i64,
    week52_hi_date: i64,
    intrinsic_value: Number,
    time_premium: Number,
    option_multiplier: Number,
    contract_size: Number,
    expiration_date: i64,
    time_of_last_trade: i64,
    average_volume: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fundamental {
    company_name: String,
    eps: Number,
    est_earnings: Number,
    high52: Number,
    last_trade: Number,
    low52: Number,
    symbol_description: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Intraday {
    ask: Number,
    bid: Number,
    change_close: Number,
    change_close_percentage: Number,
    company_name: String,
    high: Number,
    last_trade: Number,
    low: Number,
    total_volume: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OptionDetail {
    ask: Number,
    ask_size: i64,
    bid: Number,
    bid_size: i64,
    company_name: String,
    days_to_expiration: i64,
    last_trade: Number,
    open_interest: i64,
    option_previous_bid_price: Number,
    option_previous_ask_price: Number,
    osi_key: String,
    intrinsic_value: Number,
    time_premium: Number,
    option_multiplier: Number,
    contract_size: Number,
    symbol_description: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Week52 {
    company_name: String,
    high52: Number,
    last_trade: Number,
    low52: Number,
    perf12_months: Number,
    previous_close: Number,
    symbol_description: String,
    total_volume: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MutualFund {
    symbol_description: String,
    fund_name: String,
    change_close: Number,
    change_close_percentage: Number,
    last_trade: Number,
    net_asset_value: Number,
    public_offer_price: Number,
    previous_close: Number,
    high52: Number,
    low52: Number,
    time_of_last_trade: i64,
    transaction_fee: &'static str,
    exchange_code: &'static str,
}

impl QuoteResponse {
    pub fn of(symbols: &str, market: &Market, request: &Request) -> Result<Self, Refusal> {
        let most = if request.flag("overrideSymbolCount") { MOST_SYMBOLS_OVERRIDDEN } else { MOST_SYMBOLS };
        let flag = request.parameter("detailFlag").unwrap_or("ALL").to_uppercase();
        let symbols: Vec<&str> = symbols.split(',').collect();
        if symbols.len() > most {
            return Err(Refusal::invalid(format!("One call accepts {most} symbols")));
        }
        let (mut quotes, mut messages) = (Vec::new(), Vec::new());
        for symbol in symbols {
            let priced = product::Product::read(symbol).and_then(|product| Some((market.price(&product)?, product)));
            match priced {
                Some((price, product)) => quotes.push(QuoteData::of(&product, &price, &flag, market)?),
                None => {
                    let description = format!("{symbol} is an invalid symbol");
                    messages.push(Message { description, code: 1002, kind: "ERROR" });
                }
            }
        }
        Ok(Self { quotes, messages: (!messages.is_empty()).then_some(Messages { messages }) })
    }
}

impl QuoteData {
    fn of(product: &product::Product, price: &Price, flag: &str, market: &Market) -> Result<Self, Refusal> {
        Ok(Self {
            date_time: time_text(market.now),
            date_time_utc: market.now,
            quote_status: "REALTIME",
            ah_flag: "false",
            detail: Detail::of(product, price, flag, market)?,
            product: Product::from(product),
        })
    }
}

/// `19:59:52 EST 12-03-2018`.
fn time_text(now: i64) -> String {
    new_york(now).strftime("%H:%M:%S %Z %m-%d-%Y").to_string()
}

impl Detail {
    fn of(product: &product::Product, price: &Price, flag: &str, market: &Market) -> Result<Self, Refusal> {
        let listing = product.listing().ok_or(Refusal::NotFound)?;
        if listing.kind == Kind::Fund && matches!(flag, "ALL" | "MF_DETAIL") {
            return Ok(Self::MutualFund(MutualFund::of(listing, price, market)));
        }
        let description = product.description();
        let base = if product.contract.is_some() { price.last } else { market.base(listing) };
        let (high52, low52) = (price.last.max(base) * Decimal::new(12, 1), price.last.min(base) * Decimal::new(8, 1));
        let (high52, low52) = (Number(high52.round_dp(2)), Number(low52.round_dp(2)));
        Ok(match flag {
            "ALL" | "MF_DETAIL" => Self::All(Box::new(All::of(product, listing, price, (high52, low52), market))),
            "FUNDAMENTAL" => Self::Fundamental(Fundamental {
                company_name: description.clone(),
                eps: earnings(base),
                est_earnings: earnings(base),
                high52,
                last_trade: price.last.into(),
                low52,
                symbol_description: description,
            }),
            "INTRADAY" => Self::Intraday(Intraday {
                ask: price.ask.into(),
                bid: price.bid.into(),
                change_close: price.change().into(),
                change_close_percentage: price.change_percentage().into(),
                company_name: description,
                high: price.high.into(),
                last_trade: price.last.into(),
                low: price.low.into(),
                total_volume: price.volume,
            }),
            "OPTIONS" => Self::Option(OptionDetail::of(product, price, market)),
            "WEEK_52" => Self::Week52(Week52 {
                company_name: description.clone(),
                high52,
                last_trade: price.last.into(),
                low52,
                perf12_months: percentage(price.last - base, base).into(),
                previous_close: price.previous_close.into(),
                symbol_description: description,
                total_volume: price.volume,
            }),
            _ => return Err(Refusal::invalid("detailFlag is not valid")),
        })
    }
}

/// A share earns a twentieth of what it costs.
fn earnings(base: Decimal) -> Number {
    Number((base / Decimal::from(20)).round_dp(4))
}

impl All {
    fn of(
        product: &product::Product,
        listing: &Listing,
        price: &Price,
        (high52, low52): (Number, Number),
        market: &Market,
    ) -> Self {
        let none = Number(Decimal::ZERO);
        let base = market.base(listing);
        let option = product.contract.map(|contract| (contract, market.intrinsic_value(listing, &contract)));
        let of_option = |number| if option.is_some() { Number(number) } else { none };
        let shares_outstanding = 1_000_000_000;
        Self {
            adjusted_flag: false,
            ask: price.ask.into(),
            ask_size: 100,
            ask_time: time_text(market.now),
            bid: price.bid.into(),
            bid_exchange: "",
            bid_size: 100,
            bid_time: time_text(market.now),
            change_close: price.change().into(),
            change_close_percentage: price.change_percentage().into(),
            company_name: listing.description.to_owned(),
            days_to_expiration: option.map_or(0, |(contract, _)| market.days_until(contract.expiry)),
            dir_last: if price.change().is_sign_negative() { "2" } else { "1" },
            dividend: none,
            eps: earnings(base),
            est_earnings: earnings(base),
            ex_dividend_date: 0,
            high: price.high.into(),
            high52,
            last_trade: price.last.into(),
            low: price.low.into(),
            low52,
            open: price.open.into(),
            open_interest: 0,
            option_style: if option.is_some() { "AMERICAN" } else { "" },
            option_underlier: option.map_or_else(String::new, |_| product.symbol.clone()),
            previous_close: price.previous_close.into(),
            previous_day_volume: price.volume,
            primary_exchange: listing.exchange,
            symbol_description: product.description(),
            total_volume: price.volume,
            upc: 0,
            cash_deliverable: none,
            market_cap: Number(price.last * Decimal::from(shares_outstanding)),
            shares_outstanding,
            next_earning_date: "",
            beta: Number(Decimal::ONE),
            dividend_yield: none,
            declared_dividend: none,
            dividend_payable_date: 0,
            pe: Number(Decimal::from(20)),
            week52_low_date: 0,
            week52_hi_date: 0,
            intrinsic_value: option.map_or(none, |(_, intrinsic)| intrinsic.into()),
            time_premium: option.map_or(none, |(_, intrinsic)| (price.last - intrinsic).into()),
            option_multiplier: of_option(Decimal::ONE_HUNDRED),
            contract_size: of_option(Decimal::ONE_HUNDRED),
            expiration_date: option.map_or(0, |(contract, _)| market.end_of(contract.expiry)),
            time_of_last_trade: market.now,
            average_volume: price.volume,
        }
    }
}

impl OptionDetail {
    fn of(product: &product::Product, price: &Price, market: &Market) -> Self {
        let listing = product.listing();
        let contract = product.contract.zip(listing);
        let intrinsic =
            contract.map_or(Decimal::ZERO, |(contract, listing)| market.intrinsic_value(listing, &contract));
        Self {
            ask: price.ask.into(),
            ask_size: 100,
            bid: price.bid.into(),
            bid_size: 100,
            company_name: listing.map_or_else(String::new, |listing| listing.description.to_owned()),
            days_to_expiration: contract.map_or(0, |(contract, _)| market.days_until(contract.expiry)),
            last_trade: price.last.into(),
            open_interest: 0,
            option_previous_bid_price: price.previous_close.into(),
            option_previous_ask_price: price.previous_close.into(),
            osi_key: contract.map_or_else(String::new, |(contract, _)| contract.osi_key(&product.symbol)),
            intrinsic_value: intrinsic.into(),
            time_premium: if contract.is_some() { price.last - intrinsic } else { Decimal::ZERO }.into(),
            option_multiplier: product.multiplier().into(),
            contract_size: product.multiplier().into(),
            symbol_description: product.description(),
        }
    }
}

impl MutualFund {
    fn of(listing: &Listing, price: &Price, market: &Market) -> Self {
        Self {
            symbol_description: listing.description.to_owned(),
            fund_name: listing.description.to_owned(),
            change_close: price.change().into(),
            change_close_percentage: price.change_percentage().into(),
            last_trade: price.last.into(),
            net_asset_value: price.last.into(),
            public_offer_price: price.last.into(),
            previous_close: price.previous_close.into(),
            high52: price.high.into(),
            low52: price.low.into(),
            time_of_last_trade: market.now,
            transaction_fee: "No",
            exchange_code: listing.exchange,
        }
    }
}

#[derive(Serialize)]
pub struct LookupResponse {
    #[serde(rename = "Data")]
    data: Vec<Data>,
}

#[derive(Serialize)]
struct Data {
    symbol: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl LookupResponse {
    pub fn of(text: &str) -> Self {
        let data = |listing: &'static Listing| Data {
            symbol: listing.symbol,
            description: listing.description,
            kind: match listing.kind {
                Kind::Equity => "EQUITY",
                Kind::Fund => "MUTUAL_FUND",
            },
        };
        Self { data: Listing::matching(text).into_iter().take(MOST_RESULTS).map(data).collect() }
    }
}
