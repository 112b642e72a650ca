export HTTPS_PROXY={url} NO_PROXY=localhost,127.0.0.1
export SSL_CERT_FILE='{ca_file}' REQUESTS_CA_BUNDLE='{ca_file}' CURL_CA_BUNDLE='{ca_file}'
export NODE_EXTRA_CA_CERTS='{ca_file}' NODE_USE_ENV_PROXY=1
