//! The list of accounts, and the balances of one.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::broker::account::{Account, Mode};
use crate::broker::format::Number;
use crate::broker::market::Market;
use crate::broker::person::Person;

#[derive(Serialize)]
pub struct AccountListResponse<'a> {
    #[serde(rename = "Accounts")]
    accounts: Accounts<'a>,
}

#[derive(Serialize)]
struct Accounts<'a> {
    #[serde(rename = "Account")]
    account: Vec<Listed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    account_id: &'a str,
    account_id_key: &'a str,
    account_mode: Mode,
    account_desc: &'a str,
    account_name: &'a str,
    account_type: &'a str,
    institution_type: &'static str,
    account_status: &'static str,
    closed_date: i64,
}

impl<'a> AccountListResponse<'a> {
    pub fn of(person: &'a Person) -> Self {
        let listed = |account: &'a Account| Listed {
            account_id: &account.id,
            account_id_key: &account.key,
            account_mode: account.mode,
            account_desc: &account.description,
            account_name: " ",
            account_type: &account.kind,
            institution_type: "BROKERAGE",
            account_status: "ACTIVE",
            closed_date: 0,
        };
        Self { accounts: Accounts { account: person.accounts.iter().map(listed).collect() } }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceResponse<'a> {
    account_id: &'a str,
    account_type: &'a str,
    option_level: &'static str,
    account_description: &'a str,
    quote_mode: i32,
    day_trader_status: &'static str,
    account_mode: Mode,
    #[serde(rename = "Cash")]
    cash: Cash,
    #[serde(rename = "Computed")]
    computed: Computed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cash {
    funds_for_open_orders_cash: Number,
    money_mkt_balance: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Computed {
    cash_available_for_investment: Number,
    cash_available_for_withdrawal: Number,
    total_available_for_withdrawal: Number,
    net_cash: Number,
    cash_balance: Number,
    settled_cash_for_investment: Number,
    un_settled_cash_for_investment: Number,
    funds_withheld_from_purchase_power: Number,
    funds_withheld_from_withdrawal: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    margin_buying_power: Option<Number>,
    cash_buying_power: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_balance: Option<Number>,
    #[serde(rename = "OpenCalls")]
    open_calls: OpenCalls,
    #[serde(rename = "RealTimeValues")]
    real_time_values: RealTimeValues,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenCalls {
    min_equity_call: Number,
    fed_call: Number,
    cash_call: Number,
    house_call: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RealTimeValues {
    total_account_value: Number,
    net_mv: Number,
    net_mv_long: Number,
    net_mv_short: Number,
}

impl<'a> BalanceResponse<'a> {
    pub fn of(account: &'a Account, market: &Market) -> Self {
        let reserved = account.reserved(market);
        let free = account.free_cash(market);
        let values = account.positions.iter().map(|position| position.market_value(market));
        let (long, short): (Vec<_>, Vec<_>) = values.partition(|value| value.is_sign_positive());
        let (long, short) = (long.into_iter().sum(), short.into_iter().sum());
        let total = account.cash + account.market_value(market);
        let on_margin = |number| (account.mode == Mode::Margin).then_some(Number(number));
        let none = Number(Decimal::ZERO);
        Self {
            account_id: &account.id,
            account_type: &account.kind,
            option_level: "LEVEL_3",
            account_description: &account.description,
            quote_mode: 0,
            day_trader_status: "NO_PDT",
            account_mode: account.mode,
            cash: Cash { funds_for_open_orders_cash: reserved.into(), money_mkt_balance: none },
            computed: Computed {
                cash_available_for_investment: free.into(),
                cash_available_for_withdrawal: free.into(),
                total_available_for_withdrawal: free.into(),
                net_cash: account.cash.into(),
                cash_balance: account.cash.into(),
                settled_cash_for_investment: free.into(),
                un_settled_cash_for_investment: none,
                funds_withheld_from_purchase_power: reserved.into(),
                funds_withheld_from_withdrawal: reserved.into(),
                margin_buying_power: on_margin(account.buying_power(market)),
                cash_buying_power: free.max(Decimal::ZERO).into(),
                account_balance: on_margin(total),
                open_calls: OpenCalls { min_equity_call: none, fed_call: none, cash_call: none, house_call: none },
                real_time_values: RealTimeValues {
                    total_account_value: total.into(),
                    net_mv: account.market_value(market).into(),
                    net_mv_long: Number(long),
                    net_mv_short: Number(short),
                },
            },
        }
    }
}
