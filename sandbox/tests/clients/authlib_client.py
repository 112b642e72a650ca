"""Authlib's OAuth1Session, by E*TRADE's host names."""

from authlib.integrations.requests_client import OAuth1Session

import steps
from steps import API, AUTHORIZE, OAUTH, step

session = OAuth1Session(steps.KEY, steps.SECRET, redirect_uri="oob")
step("request token", session.fetch_request_token, OAUTH + "/request_token")
link = session.create_authorization_url(AUTHORIZE, key=steps.KEY).replace("oauth_token=", "token=")
code = steps.page(link)
session.auth.redirect_uri = None
step("access token", lambda: session.fetch_access_token(OAUTH + "/access_token", verifier=code))
session.auth.verifier = None


def call(method, path, body=None):
    headers = {"Content-Type": "application/json"} if body else {}
    response = session.request(method, API + path, data=body, headers=headers, timeout=20)
    response.raise_for_status()
    return response.text


steps.use_api(call)
for name in ["renew", "revoke"]:
    step(name, lambda: session.get(f"{OAUTH}/{name}_access_token", timeout=20).raise_for_status())
