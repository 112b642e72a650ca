"""pyetrade, with its own host names and its default formats."""

import pyetrade

import steps
from steps import step

login = pyetrade.ETradeOAuth(steps.KEY, steps.SECRET)
code = steps.page(step("request token", login.get_request_token))
tokens = step("access token", login.get_access_token, code)
session = (steps.KEY, steps.SECRET, tokens["oauth_token"], tokens["oauth_token_secret"])

accounts = pyetrade.ETradeAccounts(*session)
listed = step("accounts", lambda: accounts.list_accounts()["AccountListResponse"]["Accounts"]["Account"])
account = (listed[0] if isinstance(listed, list) else listed)["accountIdKey"]
market = pyetrade.ETradeMarket(*session)
step("quote", lambda: market.get_quote(["IBM"])["QuoteResponse"])
step("balance", lambda: accounts.get_account_balance(account)["BalanceResponse"])
step("portfolio", lambda: accounts.get_account_portfolio(account)["PortfolioResponse"])

orders = pyetrade.ETradeOrder(*session)
terms = {"accountIdKey": account, "symbol": "IBM", "orderAction": "BUY", "clientOrderId": "A1", "priceType": "LIMIT"}
terms |= {"limitPrice": 1, "quantity": 1, "orderTerm": "GOOD_FOR_DAY", "marketSession": "REGULAR"}
previews = step("preview", lambda: orders.preview_equity_order(**terms)["PreviewOrderResponse"]["PreviewIds"])
preview = previews["previewId"]
placed = step("place", lambda: orders.place_equity_order(**terms, previewId=preview)["PlaceOrderResponse"])


def number():
    return placed["OrderIds"]["orderId"]


def find():
    found = orders.list_orders(account)["OrdersResponse"]["Order"]
    assert number() in [str(order["orderId"]) for order in found]


step("list", find)
step("cancel", lambda: orders.cancel_order(account, number())["CancelOrderResponse"])
manager = pyetrade.ETradeAccessManager(*session)
step("renew", manager.renew_access_token)
step("revoke", manager.revoke_access_token)
