curl @URL@/sandbox/state
curl --proxy @URL@ --cacert @CA_FILE@ https://api.etrade.com/v1/accounts/list
