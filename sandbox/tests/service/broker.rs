//! The brokerage: orders that live, and what follows from them.

use serde_json::{Value, json};

use crate::client::{Pair, Request, get};
use crate::harness::{Answer, Service, command};

/// 2026-01-15, a Thursday, 09:30 in New York.
const MORNING: u64 = 1_768_487_400;
const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// A person who is logged in, at a time that the tests know.
struct Client {
    service: Service,
    access: Pair,
    now: u64,
}

impl Client {
    fn start(arguments: &[&str]) -> Self {
        let service = Service::start(&[&["--code", "CODE1"], arguments].concat());
        let mut client = Self { service, access: Pair { token: String::new(), secret: String::new() }, now: MORNING };
        client.log_in(MORNING);
        client
    }

    /// Sets the clock, and logs in.
    fn log_in(&mut self, now: u64) {
        self.now = now;
        self.service.admin(&format!("/sandbox/clock?at={now}"));
        let request = Request { callback: Some("oob"), timestamp: now, ..get("/oauth/request_token") };
        let request_token = Pair::read(&request.ask(&self.service).body);
        let request = get("/oauth/access_token").with(&request_token);
        let answer = Request { verifier: Some("CODE1"), timestamp: now, ..request }.ask(&self.service);
        self.access = Pair::read(&answer.body);
    }

    fn advance(&mut self, seconds: u64) {
        self.now += seconds;
        self.service.admin(&format!("/sandbox/clock?at={}", self.now));
    }

    /// Sends a call under /v1, with its query in the path.
    fn send(&self, method: &str, target: &str, content_type: &str, body: &str) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = format!("/v1/{path}");
        let query: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let request = Request { method, query: &query, timestamp: self.now, ..get(&path).with(&self.access) };
        let authorization = request.authorization(&self.service, self.service.fact("url"));
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", content_type)];
        self.service.connect().ask(method, &request.target(), &headers, body).unwrap()
    }

    fn get(&self, target: &str) -> Answer {
        self.send("GET", target, "", "")
    }

    fn read(&self, target: &str) -> Value {
        let answer = self.get(target);
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        answer.json()
    }

    /// The keys of the account with positions and of the one without.
    fn keys(&self) -> [String; 2] {
        let list = self.read("accounts/list.json");
        let key = |at: usize| text(&list["AccountListResponse"]["Accounts"]["Account"][at]["accountIdKey"]);
        [key(0), key(1)]
    }

    fn preview(&self, path: &str, order: &Value) -> Answer {
        let method = if path.contains("change") { "PUT" } else { "POST" };
        self.send(method, path, JSON, &json!({"PreviewOrderRequest": order}).to_string())
    }

    fn place(&self, path: &str, order: &Value, preview: &Value) -> Answer {
        let method = if path.contains("change") { "PUT" } else { "POST" };
        let mut order = order.clone();
        order["PreviewIds"] = json!([{"previewId": preview}]);
        self.send(method, path, JSON, &json!({"PlaceOrderRequest": order}).to_string())
    }

    /// Previews an order and places it: its number.
    fn order(&self, account: &str, order: &Value) -> u64 {
        let preview = self.preview(&format!("accounts/{account}/orders/preview"), order);
        let placed = self.place(&format!("accounts/{account}/orders/place"), order, &preview_id(&preview));
        order_id(&placed)
    }

    fn detail(&self, account: &str, order: u64) -> Value {
        let list = self.read(&format!("accounts/{account}/orders/{order}.json"));
        list["OrdersResponse"]["Order"][0]["OrderDetail"][0].clone()
    }

    fn cash(&self, account: &str) -> f64 {
        let balance = self.read(&format!("accounts/{account}/balance.json?instType=BROKERAGE&realTimeNAV=true"));
        balance["BalanceResponse"]["Computed"]["cashBalance"].as_f64().unwrap()
    }

    fn quote(&self, symbol: &str) -> Value {
        self.read(&format!("market/quote/{symbol}.json"))["QuoteResponse"]["QuoteData"][0]["All"].clone()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[track_caller]
fn preview_id(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["PreviewOrderResponse"]["PreviewIds"][0]["previewId"].clone()
}

#[track_caller]
fn order_id(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["PlaceOrderResponse"]["OrderIds"][0]["orderId"].as_u64().unwrap()
}

/// A refusal in JSON with this code.
#[track_caller]
fn assert_code(answer: &Answer, code: u64) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["Error"]["code"], code, "{}", answer.body);
    assert!(answer.json()["Error"]["message"].is_string());
}

fn equity(client_order_id: &str, action: &str, quantity: u32, price: Value) -> Value {
    let mut order = json!({
        "orderTerm": "GOOD_UNTIL_CANCEL",
        "marketSession": "REGULAR",
        "priceType": "MARKET",
        "Instrument": [{
            "Product": {"securityType": "EQ", "symbol": "IBM"},
            "orderAction": action,
            "quantityType": "QUANTITY",
            "quantity": quantity,
        }],
    });
    if !price.is_null() {
        order["priceType"] = "LIMIT".into();
        order["limitPrice"] = price;
    }
    json!({"orderType": "EQ", "clientOrderId": client_order_id, "Order": [order]})
}

#[test]
fn answers_come_as_xml_and_as_json() {
    let client = Client::start(&[]);
    let [key, _] = client.keys();
    let expiry = &client.read("market/optionexpiredate.json?symbol=IBM")["OptionExpireDateResponse"]["ExpirationDate"];
    assert_eq!(expiry[0], json!({"year": 2026, "month": 1, "day": 16, "expiryType": "MONTHLY"}));
    client.order(&key, &equity("A1", "BUY", 1, json!(1)));
    let transactions = client.read(&format!("accounts/{key}/transactions.json"));
    let transaction = text(&transactions["TransactionListResponse"]["Transaction"][0]["transactionId"]);
    for (path, ending, root) in [
        ("accounts/list", "", "AccountListResponse"),
        (&format!("accounts/{key}/balance"), "", "BalanceResponse"),
        (&format!("accounts/{key}/portfolio"), "", "PortfolioResponse"),
        (&format!("accounts/{key}/transactions"), "", "TransactionListResponse"),
        // The ending may stand before the number, as it does in pyetrade.
        (&format!("accounts/{key}/transactions"), &format!("/{transaction}"), "TransactionDetailsResponse"),
        (&format!("accounts/{key}/orders"), "", "OrdersResponse"),
        (&format!("accounts/{key}/orders/1"), "", "OrdersResponse"),
        ("market/quote/IBM,BRK.B", "", "QuoteResponse"),
        ("market/lookup/micro", "", "LookupResponse"),
        ("market/optionchains", "?symbol=IBM", "OptionChainResponse"),
        ("market/optionexpiredate", "?symbol=IBM", "OptionExpireDateResponse"),
        ("user/alerts", "", "AlertsResponse"),
        ("user/alerts", "/1", "AlertDetailsResponse"),
    ] {
        let xml = client.get(&format!("{path}{ending}"));
        assert_eq!((xml.status, xml.header("content-type")), (200, Some(XML)), "{path}: {}", xml.body);
        let (head, foot) = (format!("standalone=\"yes\"?><{root}><"), format!("></{root}>"));
        assert!(xml.body.contains(&head) && xml.body.ends_with(&foot), "{}", xml.body);
        let json = client.get(&format!("{path}.json{ending}"));
        assert_eq!((json.status, json.header("content-type")), (200, Some(JSON)), "{path}: {}", json.body);
        assert!(json.json()[root].is_object(), "{}", json.body);
    }
    for path in ["accounts/none/balance", "accounts/none/orders", "market/optionchains?symbol=NONE"] {
        let xml = client.get(path);
        assert_eq!(xml.status, 400);
        assert!(xml.body.contains("<Error><code>10") && xml.body.contains("</code><message>"), "{}", xml.body);
    }
    assert_code(&client.get("accounts/none/portfolio.json"), 102);
    assert_eq!(client.get("nothing/here").status, 404);
}

#[test]
fn cash_positions_and_transactions_follow_an_order() {
    let client = Client::start(&["--seed", "5"]);
    let [key, _] = client.keys();
    let cash = client.cash(&key);
    let ask = client.quote("IBM")["ask"].as_f64().unwrap();
    let order = client.order(&key, &equity("A1", "BUY", 30, Value::Null));
    let detail = client.detail(&key, order);
    assert_eq!(
        (&detail["status"], &detail["Instrument"][0]["averageExecutionPrice"]),
        (&json!("EXECUTED"), &json!(ask))
    );
    // Cents come out even.
    let after = client.cash(&key);
    assert_eq!(format!("{:.2}", cash - after), format!("{:.2}", ask * 30.0));
    assert_eq!(after, (after * 100.0).round() / 100.0);

    let portfolio = client.read(&format!("accounts/{key}/portfolio.json"));
    let positions = portfolio["PortfolioResponse"]["AccountPortfolio"][0]["Position"].as_array().unwrap().clone();
    let position = positions.iter().find(|position| position["Product"]["symbol"] == "IBM").unwrap();
    assert_eq!((&position["quantity"], &position["pricePaid"]), (&json!(30), &json!(ask)));
    let transactions = client.read(&format!("accounts/{key}/transactions.json?count=1"));
    let transaction = &transactions["TransactionListResponse"]["Transaction"][0];
    assert_eq!(
        (&transaction["transactionType"], &transaction["brokerage"]["quantity"]),
        (&json!("Bought"), &json!(30))
    );
    let alerts = client.read("user/alerts.json?count=1");
    assert_eq!(alerts["AlertsResponse"]["Alert"][0]["subject"], "Order executed");

    let sale = client.order(&key, &equity("A2", "SELL", 30, Value::Null));
    assert_eq!(client.detail(&key, sale)["status"], "EXECUTED");
    assert!(client.cash(&key) < cash && client.cash(&key) > after);
    let preview = format!("accounts/{key}/orders/preview");
    assert_code(&client.preview(&preview, &equity("A3", "SELL", 1, Value::Null)), 1037);
    assert_code(&client.preview(&preview, &equity("A3", "BUY", 1_000_000, Value::Null)), 1021);
    assert_eq!(client.service.count("orders"), 2);

    let mut stream = client.service.connect();
    stream.send("GET", "/sandbox/events", &[], "").unwrap();
    let rows = stream.event()["orders"].clone();
    assert_eq!((&rows[0]["What"], &rows[0]["Status"]), (&json!("sells 30 IBM"), &json!("EXECUTED")));
    assert_eq!((&rows[1]["Client order id"], rows.as_array().unwrap().len()), (&json!("A1"), 2));
}

#[test]
fn an_order_waits_until_it_is_changed_cancelled_or_over() {
    let mut client = Client::start(&[]);
    let [key, _] = client.keys();
    let orders = format!("accounts/{key}/orders");
    let cheap = |id, price| equity(id, "BUY", 10, json!(price));
    let first = client.order(&key, &cheap("A1", 1));
    let balance = client.read(&format!("accounts/{key}/balance.json"));
    assert_eq!(balance["BalanceResponse"]["Cash"]["fundsForOpenOrdersCash"], 10.0);

    let changed = cheap("A2", 2);
    let preview = preview_id(&client.preview(&format!("{orders}/{first}/change/preview"), &changed));
    // The preview of a change places no new order.
    assert_code(&client.place(&format!("{orders}/place"), &changed, &preview), 101);
    let second = order_id(&client.place(&format!("{orders}/{first}/change/place"), &changed, &preview));
    let (old, new) = (client.detail(&key, first), client.detail(&key, second));
    assert_eq!((&old["status"], &old["replacedByOrderId"]), (&json!("CANCELLED"), &json!(second)));
    assert_eq!(
        (&new["status"], &new["limitPrice"], &new["replacesOrderId"]),
        (&json!("OPEN"), &json!(2.0), &json!(first))
    );

    let cancel = json!({"CancelOrderRequest": {"orderId": second}}).to_string();
    let cancelled = client.send("PUT", &format!("{orders}/cancel"), JSON, &cancel).json();
    assert_eq!(cancelled["CancelOrderResponse"]["Messages"]["Message"][0]["code"], 5011);
    assert_eq!(client.detail(&key, second)["status"], "CANCELLED");
    assert_code(&client.send("PUT", &format!("{orders}/cancel"), JSON, &cancel), 5001);

    let mut for_a_day = cheap("A3", 1);
    for_a_day["Order"][0]["orderTerm"] = "GOOD_FOR_DAY".into();
    let (for_a_day, lasting) = (client.order(&key, &for_a_day), client.order(&key, &cheap("A4", 1)));
    let at_once = {
        let mut order = cheap("A5", 1);
        order["Order"][0]["orderTerm"] = "IMMEDIATE_OR_CANCEL".into();
        client.order(&key, &order)
    };
    assert_eq!(client.detail(&key, at_once)["status"], "CANCELLED");
    client.log_in(MORNING + 24 * 3600);
    assert_eq!(client.detail(&key, for_a_day)["status"], "EXPIRED");
    assert_eq!(client.detail(&key, lasting)["status"], "OPEN");

    let listed = |query: &str| {
        let list = client.read(&format!("{orders}.json?{query}"));
        let orders = list["OrdersResponse"]["Order"].as_array().unwrap();
        orders.iter().map(|order| order["orderId"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed("status=CANCELLED"), [at_once, second, first]);
    assert_eq!(listed("status=OPEN&symbol=AAPL,IBM&transactionType=BUY"), [lasting]);
    let page = client.read(&format!("{orders}.json?count=2"));
    let marker = text(&page["OrdersResponse"]["marker"]);
    assert_eq!(listed(&format!("count=2&marker={marker}")), [for_a_day, second]);
    assert_eq!(client.get(&format!("{orders}?status=EXECUTED")).status, 204);
    assert_eq!(client.get(&format!("{orders}?symbol=AAPL")).status, 204);
}

#[test]
fn the_market_fills_an_order_later() {
    let mut client = Client::start(&[]);
    let [key, _] = client.keys();
    let ask = client.quote("IBM")["ask"].as_f64().unwrap();
    let limit = (ask * 100.0 - 1.0).round() / 100.0;
    let order = client.order(&key, &equity("A1", "BUY", 1, json!(limit)));
    assert_eq!(client.detail(&key, order)["status"], "OPEN");
    for _ in 0..12 {
        client.advance(3600);
        let ask = client.quote("IBM")["ask"].as_f64().unwrap();
        let detail = client.detail(&key, order);
        if ask <= limit {
            assert_eq!(detail["status"], "EXECUTED");
            assert_eq!(detail["Instrument"][0]["averageExecutionPrice"], json!(ask));
            return;
        }
        assert_eq!(detail["status"], "OPEN");
    }
    panic!("the price never fell");
}

#[test]
fn a_preview_is_good_for_one_order_and_three_minutes() {
    let mut client = Client::start(&[]);
    let [key, _] = client.keys();
    let (preview, place) = (format!("accounts/{key}/orders/preview"), format!("accounts/{key}/orders/place"));
    let order = |id| equity(id, "BUY", 1, json!(1));
    let first = preview_id(&client.preview(&preview, &order("A1")));
    assert_code(&client.place(&place, &order("A1"), &Value::Null), 101);
    assert_code(&client.place(&place, &order("A1"), &json!(1)), 101);
    // Not the order that was previewed.
    assert_code(&client.place(&place, &equity("A1", "BUY", 2, json!(1)), &first), 101);
    order_id(&client.place(&place, &order("A1"), &first));
    assert_code(&client.place(&place, &order("A2"), &first), 101);

    let second = preview_id(&client.preview(&preview, &order("A1")));
    assert_code(&client.place(&place, &order("A1"), &second), 101);
    assert_eq!((client.service.count("orders"), client.service.count("orders_repeated")), (1, 1));
    client.advance(175);
    let third = preview_id(&client.preview(&preview, &order("A2")));
    order_id(&client.place(&place, &order("A2"), &second));
    client.advance(180);
    assert_code(&client.place(&place, &order("A3"), &third), 101);

    for wrong in ["", "A-1", "123456789012345678901"] {
        assert_code(&client.preview(&preview, &order(wrong)), 101);
    }
    for (field, wrong) in [("priceType", "SOON"), ("limitPrice", "-1"), ("limitPrice", "1.00001"), ("orderTerm", "")] {
        let mut order = order("A3");
        order["Order"][0][field] = wrong.into();
        assert_code(&client.preview(&preview, &order), 101);
    }
    let mut unknown = order("A3");
    unknown["Order"][0]["Instrument"][0]["Product"]["symbol"] = "NONE".into();
    assert_code(&client.preview(&preview, &unknown), 1002);
    assert_code(&client.send("POST", &preview, JSON, "{"), 101);
    assert_code(&client.send("POST", &preview, JSON, "{\"PlaceOrderRequest\":{}}"), 101);
}

#[test]
fn orders_are_read_from_xml() {
    let client = Client::start(&[]);
    let [key, _] = client.keys();
    let dates = client.read("market/optionexpiredate.json?symbol=IBM&expiryType=MONTHLY");
    let date = &dates["OptionExpireDateResponse"]["ExpirationDate"][1];
    let (year, month, day) = (&date["year"], &date["month"], &date["day"]);
    let query =
        format!("symbol=IBM&expiryYear={year}&expiryMonth={month}&expiryDay={day}&noOfStrikes=1&chainType=CALL");
    let chain = client.read(&format!("market/optionchains.json?{query}"));
    let call = &chain["OptionChainResponse"]["OptionPair"][0]["Call"];
    assert_eq!(chain["OptionChainResponse"]["OptionPair"].as_array().unwrap().len(), 1);
    let product = format!(
        "<Product><securityType>OPTN</securityType><symbol>IBM</symbol><callPut>CALL</callPut>\
         <expiryYear>{year}</expiryYear><expiryMonth>{month}</expiryMonth><expiryDay>{day}</expiryDay>\
         <strikePrice>{}</strikePrice></Product>",
        call["strikePrice"]
    );
    let order = format!(
        "<orderType>OPTN</orderType><clientOrderId>X1</clientOrderId><Order><priceType>MARKET</priceType>\
         <orderTerm>GOOD_FOR_DAY</orderTerm><Instrument>{product}<orderAction>BUY_OPEN</orderAction>\
         <quantity>2</quantity></Instrument></Order>"
    );
    let body = format!("<PreviewOrderRequest>{order}</PreviewOrderRequest>");
    let preview = client.send("POST", &format!("accounts/{key}/orders/preview.json"), XML, &body);
    let body = format!(
        "<?xml version=\"1.0\"?><PlaceOrderRequest>{order}<PreviewIds><previewId>{}</previewId></PreviewIds>\
         </PlaceOrderRequest>",
        preview_id(&preview)
    );
    let placed = client.send("POST", &format!("accounts/{key}/orders/place.json"), XML, &body);
    let detail = client.detail(&key, order_id(&placed));
    assert_eq!(detail["status"], "EXECUTED");
    let value = call["ask"].as_f64().unwrap() * 200.0 + 1.30;
    assert_eq!(format!("{:.2}", detail["orderValue"].as_f64().unwrap()), format!("{value:.2}"));
    assert_eq!(detail["Instrument"][0]["Product"]["productId"]["symbol"], call["osiKey"]);
    assert_code(&client.send("POST", &format!("accounts/{key}/orders/place.json"), XML, "<PlaceOrderRequest>"), 101);
}

#[test]
fn quotes_have_limits_and_name_unknown_symbols() {
    let client = Client::start(&[]);
    let symbols = |count| vec!["IBM"; count].join(",");
    for (count, query, status) in [
        (25, "", 200),
        (26, "", 400),
        (26, "?overrideSymbolCount=true", 200),
        (50, "?overrideSymbolCount=true", 200),
        (51, "?overrideSymbolCount=true", 400),
    ] {
        assert_eq!(client.get(&format!("market/quote/{}{query}", symbols(count))).status, status, "{count}{query}");
    }
    let quotes = client.read("market/quote/IBM,NONE.json");
    assert_eq!(quotes["QuoteResponse"]["QuoteData"].as_array().unwrap().len(), 1);
    let message = &quotes["QuoteResponse"]["Messages"]["Message"][0];
    assert_eq!((&message["code"], &message["description"]), (&json!(1002), &json!("NONE is an invalid symbol")));
    for (flag, element) in [
        ("detailFlag=ALL", "All"),
        ("detailFlag=FUNDAMENTAL", "Fundamental"),
        ("detailflag=INTRADAY", "Intraday"),
        ("detailFlag=OPTIONS", "Option"),
        ("detailFlag=WEEK_52", "Week52"),
    ] {
        let quote = &client.read(&format!("market/quote/IBM.json?{flag}"))["QuoteResponse"]["QuoteData"][0];
        assert!(quote[element]["lastTrade"].is_f64(), "{flag}: {quote}");
    }
    let fund = &client.read("market/quote/VFIAX.json")["QuoteResponse"]["QuoteData"][0];
    assert!(fund["MutualFund"]["netAssetValue"].is_f64() && fund["All"].is_null());
    assert_code(&client.get("market/quote/IBM.json?detailFlag=NONE"), 101);
    let far = "9".repeat(28);
    assert_code(&client.get(&format!("market/optionchains.json?symbol=IBM&strikePriceNear=-{far}")), 101);
    let option = client.read(&format!("market/quote/IBM:2026:1:16:CALL:{far}.json"));
    assert_eq!(option["QuoteResponse"]["Messages"]["Message"][0]["code"], 1002);
}

#[test]
fn alerts_are_read_and_deleted() {
    let client = Client::start(&[]);
    let alerts = client.read("user/alerts.json?count=True");
    assert_eq!(alerts["AlertsResponse"]["totalAlerts"], 3);
    assert_eq!(client.read("user/alerts/1.json")["AlertDetailsResponse"]["subject"], "Welcome");
    let read = client.read("user/alerts.json?status=READ&direction=ASC");
    assert_eq!(read["AlertsResponse"]["Alert"][0]["id"], 1);
    let delete =
        |ids| client.send("DELETE", &format!("user/alerts/{ids}.json"), "", "").json()["AlertsResponse"].clone();
    assert_eq!(delete("1,9"), json!({"result": "ERROR", "failedAlerts": {"alertId": [9]}}));
    assert_eq!(delete("2,3"), json!({"result": "SUCCESS"}));
    assert_eq!(client.get("user/alerts").status, 204);
    assert_eq!(client.get("user/alerts/1").status, 404);
}

#[test]
fn an_empty_account_has_no_content() {
    let client = Client::start(&[]);
    let [full, empty] = client.keys();
    for path in ["portfolio", "orders", "transactions?startDate=01012020&endDate=01022020"] {
        let answer = client.get(&format!("accounts/{empty}/{path}"));
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{path}");
    }
    let first = client.read(&format!("accounts/{full}/portfolio.json?count=3"));
    let first = &first["PortfolioResponse"]["AccountPortfolio"][0];
    assert_eq!((&first["totalPages"], &first["nextPageNo"]), (&json!(2), &json!(2)));
    let second = client.read(&format!("accounts/{full}/portfolio.json?count=3&pageNumber=2&view=COMPLETE"));
    let second = &second["PortfolioResponse"]["AccountPortfolio"][0];
    assert!(second["nextPageNo"].is_null() && second["Position"][0]["Complete"]["lastTrade"].is_f64());
}

#[test]
fn accounts_follow_from_the_seed_and_the_person() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path().join("state.json");
    let state = state.to_str().unwrap();
    let client = Client::start(&["--seed", "3", "--state", state]);
    let [key, _] = client.keys();
    let order = client.order(&key, &equity("A1", "BUY", 1, json!(1)));
    drop(client);
    let again = Client::start(&["--state", state]);
    assert_eq!(again.keys()[0], key);
    assert_eq!(again.detail(&key, order)["status"], "OPEN");
    let place = format!("accounts/{key}/orders/place");
    assert_code(&again.place(&place, &equity("A1", "BUY", 1, json!(1)), &json!(1)), 101);
    again.service.admin("/sandbox/reset");
    drop(again);
    let mut reset = Client::start(&["--state", state]);
    assert_eq!(reset.keys()[0], key);
    assert_eq!(reset.get(&format!("accounts/{key}/orders")).status, 204);

    let request = {
        let request = Request { callback: Some("oob"), timestamp: reset.now, ..get("/oauth/request_token") };
        Pair::read(&request.ask(&reset.service).body)
    };
    let token = form_urlencoded::byte_serialize(request.token.as_bytes()).collect::<String>();
    reset.service.admin(&format!("/sandbox/approve?token={token}&person=Ann"));
    let exchange =
        Request { verifier: Some("CODE1"), timestamp: reset.now, ..get("/oauth/access_token").with(&request) };
    reset.access = Pair::read(&exchange.ask(&reset.service).body);
    assert_ne!(reset.keys()[0], key);
    assert_code(&reset.get(&format!("accounts/{key}/balance.json")), 102);
    drop(reset);
    assert_ne!(Client::start(&["--seed", "4"]).keys()[0], key);

    let other_seed = command(&["--state", state, "--seed", "4", "--until-stdin-closes"]).output().unwrap();
    assert!(!other_seed.status.success());
    assert!(String::from_utf8_lossy(&other_seed.stderr).contains("--seed 3"));
    std::fs::write(state, "{").unwrap();
    let broken = command(&["--state", state, "--until-stdin-closes"]).output().unwrap();
    assert!(!broken.status.success() && String::from_utf8_lossy(&broken.stderr).contains("state.json"));
}

#[test]
fn a_body_that_cannot_be_read_is_told_why() {
    let client = Client::start(&[]);
    let path = format!("accounts/{}/orders/preview.json", client.keys()[0]);
    for (content_type, body, reason) in [
        (JSON, "{", "The body is not JSON"),
        (XML, "{}", "The body is not XML"),
        ("", "{}", "no Content-Type"),
        ("text/plain", "{}", "text/plain"),
        ("Application/JSON; charset=utf-8", "{}", "The body is no PreviewOrderRequest"),
    ] {
        let answer = client.send("POST", &path, content_type, body);
        assert!(answer.status == 400 && answer.body.contains(reason), "{content_type} {body}: {}", answer.body);
    }
}

#[test]
fn only_a_tally_takes_orders_without_preview() {
    let named = r#"{"PlaceOrderRequest": {"clientOrderId": "A1"}}"#;
    let client = Client::start(&[]);
    assert_code(&client.send("POST", "accounts/1/orders/place", JSON, named), 102);
    assert_eq!(client.service.count("orders"), 0);

    let client = Client::start(&["--tally"]);
    for (content_type, body) in [(JSON, "{}"), (XML, "<Order/>"), (JSON, named), (JSON, named)] {
        order_id(&client.send("POST", "accounts/1/orders/place.json", content_type, body));
    }
    assert_eq!((client.service.count("orders"), client.service.count("orders_repeated")), (4, 1));
    let listed = client.read("accounts/1/orders.json")["OrdersResponse"]["Order"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 4);
    assert_eq!((&listed[0]["clientOrderId"], &listed[3]["clientOrderId"]), (&Value::Null, &json!("A1")));
    assert_eq!(client.read("accounts/2/orders.json"), json!({"OrdersResponse": {"Order": []}}));
    assert_code(&client.send("POST", "accounts/1/orders/place.json", "text/plain", "x"), 101);
    let [key, _] = client.keys();
    assert_code(&client.send("POST", &format!("accounts/{key}/orders/place"), JSON, named), 101);
}
