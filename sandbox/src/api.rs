//! The protected resources under /v1.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use crate::call::Received;
use crate::problem::{Shape, escape, xml};
use crate::sandbox::{Sandbox, SignedWith};

pub fn routes(sandbox: &Arc<Sandbox>) -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/v1/accounts/list", get(list_accounts))
        .route("/v1/accounts/list.json", get(list_accounts))
        .route("/v1/market/quote/{symbols}", get(quote))
        .route("/v1/accounts/{id}/orders", get(list_orders))
        .route("/v1/accounts/{id}/orders.json", get(list_orders))
        .route("/v1/accounts/{id}/orders/place", post(place_order))
        .route("/v1/accounts/{id}/orders/place.json", post(place_order))
        .route("/v1/echo", any(echo))
        .route("/v1/{*unknown}", any(unknown))
        .layer(from_fn_with_state(Arc::clone(sandbox), require_access_token))
}

async fn require_access_token(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(call): Extension<Received>,
    request: Request,
    next: Next,
) -> Response {
    let outcome = sandbox.authenticated(&call, SignedWith::AccessToken, |state, call, now| {
        state.tokens.spend(call.required("oauth_token")?, now)?;
        state.counters.api_calls += 1;
        Ok(())
    });
    match outcome {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.on_api_path(sandbox.clock.now()),
    }
}

async fn list_accounts(headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("application/xml") {
        return xml("<AccountListResponse><Accounts><Account>\
             <accountId>10000001</accountId><accountIdKey>sandboxAccount1</accountIdKey>\
             <accountMode>CASH</accountMode><accountDesc>Sandbox account</accountDesc>\
             <accountName>Sandbox</accountName><accountType>INDIVIDUAL</accountType>\
             <institutionType>BROKERAGE</institutionType><accountStatus>ACTIVE</accountStatus>\
             <closedDate>0</closedDate></Account></Accounts></AccountListResponse>"
            .to_owned());
    }
    Json(json!({"AccountListResponse": {"Accounts": {"Account": [{
        "accountId": "10000001",
        "accountIdKey": "sandboxAccount1",
        "accountMode": "CASH",
        "accountDesc": "Sandbox account",
        "accountName": "Sandbox",
        "accountType": "INDIVIDUAL",
        "institutionType": "BROKERAGE",
        "accountStatus": "ACTIVE",
        "closedDate": 0,
    }]}}}))
    .into_response()
}

/// How many symbols one call accepts.
const MOST_SYMBOLS: usize = 25;

async fn quote(State(sandbox): State<Arc<Sandbox>>, Path(symbols): Path<String>) -> Response {
    let (symbols, is_json) = symbols.strip_suffix(".json").map_or((&*symbols, false), |symbols| (symbols, true));
    let now = sandbox.clock.now();
    if symbols.split(',').count() > MOST_SYMBOLS {
        let shape = if is_json { Shape::Json } else { Shape::Xml };
        return shape.answer(StatusCode::BAD_REQUEST, "One call accepts 25 symbols");
    }
    if !is_json {
        let quotes = symbols.split(',').map(|symbol| {
            format!(
                "<QuoteData><dateTimeUTC>{now}</dateTimeUTC><quoteStatus>REALTIME</quoteStatus>\
                 <All><ask>100.3</ask><bid>100.2</bid><changeClose>-0.5</changeClose><lastTrade>100.25</lastTrade></All>\
                 <Product><securityType>EQ</securityType><symbol>{}</symbol></Product></QuoteData>",
                escape(symbol)
            )
        });
        return xml(format!("<QuoteResponse>{}</QuoteResponse>", quotes.collect::<String>()));
    }
    let quotes: Vec<Value> = symbols
        .split(',')
        .map(|symbol| {
            json!({
                "dateTimeUTC": now,
                "quoteStatus": "REALTIME",
                "Product": {"symbol": symbol, "securityType": "EQ"},
                "All": {"lastTrade": 100.25, "changeClose": -0.5, "bid": 100.2, "ask": 100.3},
            })
        })
        .collect();
    Json(json!({"QuoteResponse": {"QuoteData": quotes}})).into_response()
}

async fn place_order(
    State(sandbox): State<Arc<Sandbox>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let order = match content_type.unwrap_or_default() {
        json if json.starts_with("application/json") => serde_json::from_slice::<Value>(&body).ok(),
        xml => (xml.starts_with("application/xml") && body.trim_ascii().starts_with(b"<")).then_some(Value::Null),
    };
    let Some(order) = order else {
        return Shape::Json.answer(StatusCode::BAD_REQUEST, "The order is neither JSON nor XML");
    };
    let client_order_id = order["PlaceOrderRequest"]["clientOrderId"].as_str().map(str::to_owned);
    let id = sandbox.state().place_order(&account, client_order_id);
    Json(json!({"PlaceOrderResponse": {
        "accountId": account,
        "placedTime": sandbox.clock.now(),
        "OrderIds": [{"orderId": id}],
    }}))
    .into_response()
}

/// The account's orders, each by the id that its sender gave it: so one can look whether an order arrived.
async fn list_orders(State(sandbox): State<Arc<Sandbox>>, Path(account): Path<String>) -> Json<Value> {
    let state = sandbox.state();
    let orders: Vec<Value> = state
        .orders
        .get(&account)
        .into_iter()
        .flatten()
        .map(|order| json!({"orderId": order.id, "clientOrderId": order.client_order_id}))
        .collect();
    Json(json!({"OrdersResponse": {"Order": orders}}))
}

/// Tells the request as it arrived.
async fn echo(method: Method, target: Uri, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Json(json!({
        "method": method.as_str(),
        "target": target.path_and_query().map(|target| target.as_str()),
        "content_type": headers.get(CONTENT_TYPE).map(|value| text(value.as_bytes())),
        "body": text(&body),
        "headers": headers.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
    }))
}

async fn unknown() -> Response {
    Shape::Json.answer(StatusCode::NOT_FOUND, "The requested resource does not exist")
}
