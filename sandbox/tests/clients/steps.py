"""What every client goes through, and how a driver tells of it: a line for each step."""

import json
import os

import person

KEY = os.environ["ETOAUTH_SANDBOX_KEY"]
SECRET = os.environ["ETOAUTH_SANDBOX_SECRET"]
OAUTH = "https://api.etrade.com/oauth"
API = "https://apisb.etrade.com/v1"
AUTHORIZE = "https://us.etrade.com/e/t/etws/authorize"


class Fault(Exception):
    """A step that came to its end, with a fault."""


def step(name, action, *arguments):
    """Takes one step. Its result is None if it failed."""
    result = None
    try:
        result = action(*arguments)
        print(name, "ok", sep="\t", flush=True)
    except Fault as fault:
        print(name, "failed", fault, sep="\t", flush=True)
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        print(name, "failed", text[:300], sep="\t", flush=True)
    return result


def page(link):
    """The code for this link, and the step for it."""
    code = person.approve(link)

    def look():
        if person.objection(link):
            raise Fault(person.objection(link))

    step("page", look)
    return code


def order(name, client_order_id, **more):
    """The body of PreviewOrderRequest and PlaceOrderRequest."""
    product = {"securityType": "EQ", "symbol": "IBM"}
    instrument = {"Product": product, "orderAction": "BUY", "quantityType": "QUANTITY", "quantity": "1"}
    terms = {"allOrNone": "false", "priceType": "LIMIT", "orderTerm": "GOOD_FOR_DAY", "marketSession": "REGULAR"}
    terms = {**terms, "limitPrice": "1.00", "Instrument": [instrument]}
    return json.dumps({name: {"orderType": "EQ", "clientOrderId": client_order_id, "Order": [terms], **more}})


def use_api(call):
    """The steps behind the login. call(method, path, body) gives the response's text, or raises."""
    account = step("accounts", lambda: _read(call("GET", "/accounts/list.json"))["AccountListResponse"])
    account = account and account["Accounts"]["Account"][0]["accountIdKey"]
    accounts = f"/accounts/{account}"
    step("quote", lambda: _read(call("GET", "/market/quote/IBM.json?detailFlag=INTRADAY"))["QuoteResponse"])
    balance = f"{accounts}/balance.json?instType=BROKERAGE&realTimeNAV=true"
    step("balance", lambda: _read(call("GET", balance))["BalanceResponse"])
    step("portfolio", lambda: _read(call("GET", f"{accounts}/portfolio.json"))["PortfolioResponse"])

    def preview():
        response = _read(call("POST", f"{accounts}/orders/preview.json", order("PreviewOrderRequest", "A1")))
        return response["PreviewOrderResponse"]["PreviewIds"]

    def place(previews):
        body = order("PlaceOrderRequest", "A1", PreviewIds=previews)
        response = _read(call("POST", f"{accounts}/orders/place.json", body))
        return response["PlaceOrderResponse"]["OrderIds"][0]["orderId"]

    def listed(number):
        orders = _read(call("GET", f"{accounts}/orders.json"))["OrdersResponse"]["Order"]
        assert number in [order["orderId"] for order in orders]

    def cancel(number):
        body = json.dumps({"CancelOrderRequest": {"orderId": number}})
        return _read(call("PUT", f"{accounts}/orders/cancel.json", body))["CancelOrderResponse"]

    previews = step("preview", preview)
    number = step("place", place, previews)
    step("list", listed, number)
    step("cancel", cancel, number)


def _read(text):
    return json.loads(text)
