"""wetrade, with its own host names. Its login asks for the code on the terminal; here the person answers."""

import builtins
import sys
import types

import steps
from steps import Fault, step

settings = types.ModuleType("settings")
settings.login_method = "manual"
settings.config_id = "sandbox"
settings.config = {"base_url": "https://apisb.etrade.com/", "client_key": steps.KEY, "client_secret": steps.SECRET}
sys.modules["settings"] = settings
links = []
# What it prints is no part of the table.
own_print, builtins.print = print, lambda *words, **more: links.append(words[-1]) if "login_url" in words else (
    own_print(*words, **more) if more.get("sep") == "\t" else None
)
# The link is known by now, and so the request token was fetched.
builtins.input = lambda _: step("request token", lambda: None) or steps.page(links[-1])

from wetrade.account import Account  # noqa: E402
from wetrade.api import APIClient  # noqa: E402
from wetrade.order import LimitOrder  # noqa: E402
from wetrade.user_session import UserSession  # noqa: E402

session = UserSession()
step("access token", lambda: session.session.token["oauth_token_secret"])
builtins.input = lambda _: steps.person.approve(links[-1])
client = APIClient(session)


def listed():
    response, _ = client.request_account_list()
    return response["AccountListResponse"]["Accounts"]["Account"][0]["accountIdKey"]


account = step("accounts", listed)
step("quote", lambda: client.request_quote("IBM")[0]["QuoteResponse"])
step("balance", lambda: client.request_account_balance(account)[0]["BalanceResponse"])
step("portfolio", lambda: client.request_account_portfolio(account)[0]["PortfolioResponse"])
order = LimitOrder(client, account, "IBM", "BUY", 1, 1.0)
step("preview", lambda: order.preview_order()["PreviewIds"])
step("place", lambda: order.place_order()["OrderIds"])


def find():
    found = client.request_account_orders(account)[0]["OrdersResponse"]["Order"]
    assert order.order_id in [order["orderId"] for order in found]


step("list", find)
step("cancel", lambda: client.request_order_cancel(account, order.order_id)[0]["CancelOrderResponse"])


def renew():
    token = session.session.token["oauth_token"]
    session.renew_token()
    if session.session.token["oauth_token"] != token:
        raise Fault("it logs in anew when a renewal has succeeded")


step("renew", renew)
own_print("revoke", "absent", sep="\t")
