curl {url}/sandbox/state
curl --proxy {url} --cacert '{ca_file}' https://api.etrade.com/v1/accounts/list
