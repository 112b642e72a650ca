//! The transactions of an account, and one of them in detail.

use serde::Serialize;

use crate::broker::account::{Account, Transaction};
use crate::broker::format::Number;
use crate::broker::product;
use crate::broker::refusal::Refusal;
use crate::broker::reply::product::Product;
use crate::broker::request::Request;
use crate::clock::new_york;

/// How many transactions a page has unless the call says so, and at most.
const USUAL: usize = 50;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionListResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    page_markers: String,
    more_transactions: bool,
    transaction_count: usize,
    total_count: usize,
    #[serde(rename = "Transaction")]
    transactions: Vec<Listed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    transaction_id: &'a str,
    account_id: &'a str,
    transaction_date: i64,
    post_date: i64,
    amount: Number,
    description: &'a str,
    transaction_type: &'a str,
    memo: &'static str,
    image_flag: bool,
    inst_type: &'static str,
    store_id: u32,
    brokerage: Brokerage<Lowercase>,
    #[serde(rename = "detailsURI")]
    details_uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionDetailsResponse<'a> {
    transaction_id: &'a str,
    account_id: &'a str,
    transaction_date: i64,
    post_date: i64,
    amount: Number,
    description: &'a str,
    #[serde(rename = "Category")]
    category: Category,
    #[serde(rename = "Brokerage")]
    brokerage: Brokerage<Uppercase>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Category {
    category_id: u32,
    parent_id: u32,
    category_name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Brokerage<P> {
    transaction_type: String,
    #[serde(flatten)]
    product: P,
    quantity: i64,
    price: Number,
    settlement_currency: &'static str,
    payment_currency: &'static str,
    fee: Number,
    display_symbol: String,
    settlement_date: i64,
}

/// The list has `product`, the detail has `Product`.
#[derive(Serialize)]
struct Lowercase {
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
}

#[derive(Serialize)]
struct Uppercase {
    #[serde(rename = "Product", skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
}

impl<'a> TransactionListResponse<'a> {
    /// None if there are no transactions.
    pub fn of(account: &'a Account, request: &Request) -> Result<Option<Self>, Refusal> {
        let count = request.count(USUAL, USUAL);
        let (from, to) = (request.date("startDate")?, request.date("endDate")?);
        let wanted = |transaction: &&Transaction| {
            let date = new_york(transaction.at).date();
            from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to)
        };
        let mut all: Vec<&Transaction> = account.transactions.iter().filter(wanted).collect();
        all.sort_by_key(|transaction| transaction.at);
        if !request.parameter("sortOrder").is_some_and(|order| order.eq_ignore_ascii_case("ASC")) {
            all.reverse();
        }
        let start = match request.parameter("marker") {
            None => 0,
            Some(marker) => {
                let at = all.iter().position(|transaction| transaction.id == marker);
                at.ok_or_else(|| Refusal::invalid("marker is not valid"))?
            }
        };
        let page: Vec<&Transaction> = all.iter().copied().skip(start).take(count).collect();
        if page.is_empty() {
            return Ok(None);
        }
        let marker = all.get(start + count).map(|next| next.id.clone());
        let list = format!("{}/v1/accounts/{}/transactions", request.base, account.key);
        Ok(Some(Self {
            next: marker.as_ref().map(|marker| format!("{list}?marker={marker}")),
            page_markers: all.iter().step_by(count).map(|first| first.id.as_str()).collect::<Vec<_>>().join(","),
            more_transactions: marker.is_some(),
            marker,
            transaction_count: page.len(),
            total_count: all.len(),
            transactions: page.into_iter().map(|transaction| Listed::of(transaction, account, &list)).collect(),
        }))
    }
}

impl<'a> Listed<'a> {
    fn of(transaction: &'a Transaction, account: &'a Account, list: &str) -> Self {
        let product = transaction.product.as_ref().map(Product::from);
        Self {
            transaction_id: &transaction.id,
            account_id: &account.id,
            transaction_date: transaction.at * 1000,
            post_date: transaction.at * 1000,
            amount: transaction.amount.into(),
            description: &transaction.description,
            transaction_type: &transaction.kind,
            memo: "",
            image_flag: false,
            inst_type: "BROKERAGE",
            store_id: 0,
            brokerage: Brokerage::of(transaction, Lowercase { product }),
            details_uri: format!("{list}/{}?storeId=0", transaction.id),
        }
    }
}

impl<'a> TransactionDetailsResponse<'a> {
    pub fn of(account: &'a Account, id: &str) -> Result<Self, Refusal> {
        let found = account.transactions.iter().find(|transaction| transaction.id == id);
        let transaction = found.ok_or(Refusal::NotFound)?;
        let product = transaction.product.as_ref().map(Product::from);
        Ok(Self {
            transaction_id: &transaction.id,
            account_id: &account.id,
            transaction_date: transaction.at * 1000,
            post_date: transaction.at * 1000,
            amount: transaction.amount.into(),
            description: &transaction.description,
            category: Category { category_id: 0, parent_id: 0, category_name: "Trades" },
            brokerage: Brokerage::of(transaction, Uppercase { product }),
        })
    }
}

impl<P> Brokerage<P> {
    fn of(transaction: &Transaction, product: P) -> Self {
        let symbol = transaction.product.as_ref().map(product::Product::display_symbol);
        Self {
            transaction_type: transaction.kind.clone(),
            product,
            quantity: transaction.quantity,
            price: transaction.price.into(),
            settlement_currency: "USD",
            payment_currency: "USD",
            fee: transaction.fee.into(),
            display_symbol: symbol.unwrap_or_default(),
            settlement_date: transaction.at * 1000,
        }
    }
}
