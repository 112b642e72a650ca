import os
from urllib.parse import quote

os.environ.update(HTTPS_PROXY="{url}", REQUESTS_CA_BUNDLE="{ca_file}")
import pyetrade

KEY, SECRET = "{key}", "{secret}"

oauth = pyetrade.ETradeOAuth(KEY, SECRET)
oauth.get_request_token()
token = quote(oauth.resource_owner_key, safe="")
print(f"{url}/e/t/etws/authorize?key={KEY}&token={token}", flush=True)
access = oauth.get_access_token(input("Code: "))

accounts = pyetrade.ETradeAccounts(KEY, SECRET, access["oauth_token"], access["oauth_token_secret"])
print(accounts.list_accounts(resp_format="json"))
