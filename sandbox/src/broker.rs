//! The brokerage behind the login: persons with accounts, a market, and what the calls under /v1 do.

mod account;
mod format;
mod listing;
mod market;
mod options;
mod order;
mod person;
mod position;
mod product;
mod refusal;
mod reply;
mod request;
mod seed;
mod store;
mod tally;
mod terms;

use std::collections::BTreeMap;
use std::error::Error;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

pub use format::Format;
pub use options::Options;
pub use refusal::Refusal;
pub use request::Request;

use format::{many, text};
use market::Market;
use person::Person;
use reply::accounts::{AccountListResponse, BalanceResponse};
use reply::alerts::{AlertDetailsResponse, AlertsResponse, DeleteResponse};
use reply::options::{OptionChainResponse, OptionExpireDateResponse};
use reply::orders::{CancelOrderResponse, OrdersResponse, PlaceOrderResponse, PreviewOrderResponse};
use reply::portfolio::PortfolioResponse;
use reply::quotes::{LookupResponse, QuoteResponse};
use reply::transactions::{TransactionDetailsResponse, TransactionListResponse};
use seed::Seed;
use store::Store;
use tally::Tally;
use terms::Terms;

#[derive(Debug)]
pub struct Broker {
    seed: Seed,
    persons: BTreeMap<String, Person>,
    /// Where the persons are saved, if anywhere.
    store: Option<Store>,
    /// Takes orders for accounts that nobody has, if that is wanted.
    tally: Option<Tally>,
    placed: Placed,
}

/// The orders that were placed since somebody asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    pub orders: u64,
    /// Those whose `clientOrderId` the account had seen before.
    pub repeated: u64,
}

type Answer = Result<Response, Refusal>;

/// How many orders a report has.
const REPORTED: usize = 100;

impl Broker {
    pub fn open(options: Options) -> Result<Self, Box<dyn Error>> {
        let store = options.state.map(Store::new);
        let saved = store.as_ref().map(Store::load).transpose()?.flatten();
        let seed = match (&saved, options.seed) {
            (Some(saved), Some(seed)) if saved.seed != seed => {
                return Err(format!("the state was made with --seed {}", saved.seed).into());
            }
            (Some(saved), _) => saved.seed,
            (None, seed) => seed.unwrap_or_default(),
        };
        if let (Some(store), None) = (&store, &saved) {
            store.begin(seed)?;
        }
        Ok(Self {
            seed: Seed(seed),
            persons: saved.map(|saved| saved.persons).unwrap_or_default(),
            store,
            tally: options.tally.then(Tally::default),
            placed: Placed::default(),
        })
    }

    /// Everything as the seed has it.
    pub fn reset(&mut self) {
        self.persons.clear();
        self.tally = self.tally.take().map(|_| Tally::default());
        self.placed = Placed::default();
        self.save();
    }

    /// What was placed since the last time.
    pub fn take_placed(&mut self) -> Placed {
        std::mem::take(&mut self.placed)
    }

    /// The newest orders, as rows of a table.
    pub fn report(&self) -> Vec<Value> {
        let accounts =
            self.persons.iter().flat_map(|(name, person)| person.accounts.iter().map(move |account| (name, account)));
        let mut orders: Vec<_> = accounts
            .flat_map(|(name, account)| account.orders.iter().map(move |order| (name, &account.id, order)))
            .collect();
        orders.sort_by_key(|(.., order)| std::cmp::Reverse((order.placed, order.id)));
        let placed = orders.into_iter().map(|(name, account, order)| order.report(name, account));
        self.tally.iter().flat_map(Tally::report).chain(placed).take(REPORTED).collect()
    }

    pub fn answer(&mut self, request: &Request, now: i64) -> Response {
        let market = Market::at(self.seed, now);
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        let answer = match path.as_slice() {
            ["market", rest @ ..] => quote_market(request, rest, &market),
            ["accounts", account, "orders", rest @ ..] if self.tallies(request.person, account) => {
                self.count(request, account, rest, &market)
            }
            _ => self.serve(request, &path, &market),
        };
        answer.unwrap_or_else(|refusal| refusal.answer(request.format))
    }

    /// What concerns the person alone.
    fn serve(&mut self, request: &Request, path: &[&str], market: &Market) -> Answer {
        let mut changed = self.person(request.person).settle(market);
        let placed = &mut Placed::default();
        let answer = self.person(request.person).serve(request, path, market, placed);
        self.placed.orders += placed.orders;
        self.placed.repeated += placed.repeated;
        let reads = request.method == Method::GET && !matches!(path, ["user", "alerts", _]);
        changed |= answer.is_ok() && !reads;
        if changed {
            self.save();
        }
        answer
    }

    fn person(&mut self, name: &str) -> &mut Person {
        let seed = self.seed;
        self.persons.entry(name.to_owned()).or_insert_with(|| Person::new(seed, name))
    }

    fn save(&self) {
        if let Some(store) = &self.store {
            store.save(self.seed.0, &self.persons);
        }
    }

    /// Whether orders of this account are only counted.
    fn tallies(&mut self, person: &str, account: &str) -> bool {
        self.tally.is_some() && self.person(person).account(account).is_err()
    }

    fn count(&mut self, request: &Request, account: &str, path: &[&str], market: &Market) -> Answer {
        let Some(tally) = &mut self.tally else {
            return Err(Refusal::AccountKey);
        };
        match (request.method.as_str(), path) {
            ("GET", []) => {
                let orders = BTreeMap::from([("Order", tally.list(account))]);
                Ok(request.format.answer(StatusCode::OK, "OrdersResponse", &orders))
            }
            ("POST", ["place"]) => {
                let body = request.any_body()?;
                let (id, repeated) = tally.place(account, text(&body["PlaceOrderRequest"], "clientOrderId"));
                self.placed.orders += 1;
                self.placed.repeated += u64::from(repeated);
                let placed = Counted {
                    account_id: account,
                    placed_time: market.now * 1000,
                    order_ids: [CountedId { order_id: id }],
                };
                Ok(request.format.answer(StatusCode::OK, "PlaceOrderResponse", &placed))
            }
            _ => Err(Refusal::NotFound),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counted<'a> {
    account_id: &'a str,
    placed_time: i64,
    #[serde(rename = "OrderIds")]
    order_ids: [CountedId; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CountedId {
    order_id: u64,
}

fn quote_market(request: &Request, path: &[&str], market: &Market) -> Answer {
    let format = request.format;
    match (request.method.as_str(), path) {
        ("GET", ["quote", symbols]) => {
            let quotes = QuoteResponse::of(symbols, market, request)?;
            Ok(format.answer(StatusCode::OK, "QuoteResponse", &quotes))
        }
        ("GET", ["lookup", text]) => Ok(format.answer(StatusCode::OK, "LookupResponse", &LookupResponse::of(text))),
        ("GET", ["optionchains"]) => {
            let chain = OptionChainResponse::of(market, request)?;
            Ok(format.answer(StatusCode::OK, "OptionChainResponse", &chain))
        }
        ("GET", ["optionexpiredate"]) => {
            let dates = OptionExpireDateResponse::of(market, request)?;
            Ok(format.answer(StatusCode::OK, "OptionExpireDateResponse", &dates))
        }
        _ => Err(Refusal::NotFound),
    }
}

impl Person {
    fn serve(&mut self, request: &Request, path: &[&str], market: &Market, placed: &mut Placed) -> Answer {
        let format = request.format;
        match (request.method.as_str(), path) {
            ("GET", ["accounts", "list"]) => {
                Ok(format.answer(StatusCode::OK, "AccountListResponse", &AccountListResponse::of(self)))
            }
            ("GET", ["accounts", key, "balance"]) => {
                let balance = BalanceResponse::of(self.account(key)?, market);
                Ok(format.answer(StatusCode::OK, "BalanceResponse", &balance))
            }
            ("GET", ["accounts", key, "portfolio"]) => {
                answer_some(format, "PortfolioResponse", PortfolioResponse::of(self.account(key)?, market, request)?)
            }
            ("GET", ["accounts", key, "transactions"]) => {
                let transactions = TransactionListResponse::of(self.account(key)?, request)?;
                answer_some(format, "TransactionListResponse", transactions)
            }
            ("GET", ["accounts", key, "transactions", id]) => {
                let transaction = TransactionDetailsResponse::of(self.account(key)?, id)?;
                Ok(format.answer(StatusCode::OK, "TransactionDetailsResponse", &transaction))
            }
            (_, ["accounts", key, "orders", rest @ ..]) => self.serve_orders(request, key, rest, market, placed),
            ("GET", ["user", "alerts"]) => answer_some(format, "AlertsResponse", AlertsResponse::of(self, request)?),
            ("GET", ["user", "alerts", id]) => {
                let alert = AlertDetailsResponse::of(self, id, market.now, request)?;
                Ok(format.answer(StatusCode::OK, "AlertDetailsResponse", &alert))
            }
            ("DELETE", ["user", "alerts", ids]) => {
                Ok(format.answer(StatusCode::OK, "AlertsResponse", &DeleteResponse::of(self, ids)?))
            }
            _ => Err(Refusal::NotFound),
        }
    }

    fn serve_orders(
        &mut self,
        request: &Request,
        key: &str,
        path: &[&str],
        market: &Market,
        placed: &mut Placed,
    ) -> Answer {
        let format = request.format;
        let order = |id: &str| id.parse::<u64>().map(Some).map_err(|_| Refusal::NotFound);
        match (request.method.as_str(), path) {
            ("GET", []) => {
                answer_some(format, "OrdersResponse", OrdersResponse::of(self.account(key)?, market, request)?)
            }
            ("GET", [id]) => {
                let orders = OrdersResponse::of_one(self.account(key)?, id, market, request)?;
                Ok(format.answer(StatusCode::OK, "OrdersResponse", &orders))
            }
            ("POST", ["preview"]) => self.preview(request, key, None, market),
            ("POST", ["place"]) => self.place(request, key, None, market, placed),
            ("PUT", [id, "change", "preview"]) => self.preview(request, key, order(id)?, market),
            ("PUT", [id, "change", "place"]) => self.place(request, key, order(id)?, market, placed),
            ("PUT", ["cancel"]) => self.cancel(request, key, market),
            _ => Err(Refusal::NotFound),
        }
    }

    fn preview(&mut self, request: &Request, key: &str, changes: Option<u64>, market: &Market) -> Answer {
        let account = self.account(key)?;
        let body = request.body("PreviewOrderRequest")?;
        let client_order_id = client_order_id(body)?;
        let terms = Terms::read(body, market)?;
        let preview = account.preview(terms.clone(), changes, market)?;
        let answer = PreviewOrderResponse::of(account, &terms, &client_order_id, preview, market);
        Ok(request.format.answer(StatusCode::OK, "PreviewOrderResponse", &answer))
    }

    fn place(
        &mut self,
        request: &Request,
        key: &str,
        changes: Option<u64>,
        market: &Market,
        placed: &mut Placed,
    ) -> Answer {
        let account = self.account(key)?;
        let body = request.body("PlaceOrderRequest")?;
        let client_order_id = client_order_id(body)?;
        if account.has_placed(&client_order_id) {
            placed.repeated += 1;
            return Err(Refusal::ClientOrderIdRepeated);
        }
        let named = many(body, "PreviewIds").iter().find_map(|id| text(id, "previewId"));
        let preview = named.ok_or(Refusal::PreviewAbsent)?.parse().map_err(|_| Refusal::PreviewUnknown)?;
        let terms = Terms::read(body, market)?;
        let id = account.place(client_order_id, terms, preview, changes, market)?;
        placed.orders += 1;
        self.settle(market);
        let account = self.account(key)?;
        let order = account.order(id).ok_or(Refusal::NotFound)?;
        let answer = PlaceOrderResponse::of(account, order, market);
        Ok(request.format.answer(StatusCode::OK, "PlaceOrderResponse", &answer))
    }

    fn cancel(&mut self, request: &Request, key: &str, market: &Market) -> Answer {
        let account = self.account(key)?;
        let order = text(request.body("CancelOrderRequest")?, "orderId").and_then(|id| id.parse().ok());
        let order = order.ok_or_else(|| Refusal::invalid("orderId is missing or not valid"))?;
        account.cancel(order, market.now)?;
        let answer = CancelOrderResponse::of(account, order, market.now);
        Ok(request.format.answer(StatusCode::OK, "CancelOrderResponse", &answer))
    }
}

/// The answer, or 204 if there is nothing to tell.
fn answer_some(format: Format, name: &str, content: Option<impl Serialize>) -> Answer {
    Ok(match content {
        Some(content) => format.answer(StatusCode::OK, name, &content),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// At most 20 letters and digits.
fn client_order_id(request: &Value) -> Result<String, Refusal> {
    let id = text(request, "clientOrderId").unwrap_or_default();
    let valid = (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    valid.then_some(id).ok_or_else(|| Refusal::invalid("clientOrderId has 1 to 20 letters and digits"))
}
