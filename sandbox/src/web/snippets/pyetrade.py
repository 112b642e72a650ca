import os
from urllib.parse import quote

os.environ.update(HTTPS_PROXY="@URL@", REQUESTS_CA_BUNDLE=@CA_FILE@)
import pyetrade

KEY, SECRET = @KEY@, @SECRET@

oauth = pyetrade.ETradeOAuth(KEY, SECRET)
oauth.get_request_token()
key, token = quote(KEY, safe=""), quote(oauth.resource_owner_key, safe="")
print(f"@URL@/e/t/etws/authorize?key={key}&token={token}", flush=True)
access = oauth.get_access_token(input("Code: "))

accounts = pyetrade.ETradeAccounts(KEY, SECRET, access["oauth_token"], access["oauth_token_secret"])
print(accounts.list_accounts(resp_format="json"))
