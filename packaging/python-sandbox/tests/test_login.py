"""What a user of the wheel writes."""

import subprocess

from requests_oauthlib import OAuth1Session


def login(sandbox):
    key, secret = sandbox.consumer_key, sandbox.consumer_secret
    session = OAuth1Session(key, secret, callback_uri="oob")
    token = session.fetch_request_token(sandbox.url + "/oauth/request_token")
    session._client.client.verifier = sandbox.approve(token["oauth_token"], "Ann")
    session.fetch_access_token(sandbox.url + "/oauth/access_token")
    return session


def test_login(etrade_sandbox):
    accounts = login(etrade_sandbox).get(etrade_sandbox.url + "/v1/accounts/list.json")
    assert "accountIdKey" in accounts.text
    assert etrade_sandbox.admin("state")["access_tokens"] == 1


def test_each_test_begins_anew(etrade_sandbox):
    assert etrade_sandbox.admin("state")["requests"] == 0
    session = login(etrade_sandbox)
    etrade_sandbox.admin("expire", what="day")
    assert session.get(etrade_sandbox.url + "/v1/accounts/list.json").status_code == 401


def test_the_program_is_in_the_path():
    assert b"etoauth-sandbox" in subprocess.check_output(["etoauth-sandbox", "--version"])
