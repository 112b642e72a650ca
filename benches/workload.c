#include "workload.h"

static const struct parameter quote_before[] = {{"detailFlag", "ALL"}};
static const struct parameter quote_after[] = {
    {"overrideSymbolCount", "true"}, {"requireEarningsDate", "true"}, {"skipMiniOptionsCheck", "false"}};

#define PROTOCOL "oauth_consumer_key%3D" CONSUMER_KEY "%26oauth_nonce%3D"

const struct workload workloads[WORKLOADS] = {
    {
        "W1", "etrade_v1_accounts_list", "https://api.etrade.com/v1/accounts/list",
        "https://api.etrade.com/v1/accounts/list",
        NULL, NULL, 0, 0,
        "GET&https%3A%2F%2Fapi.etrade.com%2Fv1%2Faccounts%2Flist&" PROTOCOL,
        "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D",
        "%26oauth_token%3DVbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI%253D",
        "",
        "UOnPVdzExTAgHkcGWLLfeTaaMSM=", 6, 4,
    },
    {
        "W2", "etrade_quote_four_parameters",
        "https://api.etrade.com/v1/market/quote/GOOG,AAPL,MSFT?detailFlag=ALL&requireEarningsDate=true"
        "&overrideSymbolCount=true&skipMiniOptionsCheck=false",
        "https://api.etrade.com/v1/market/quote/GOOG,AAPL,MSFT",
        quote_before, quote_after, 1, 3,
        "GET&https%3A%2F%2Fapi.etrade.com%2Fv1%2Fmarket%2Fquote%2FGOOG%2CAAPL%2CMSFT&detailFlag%3DALL%26" PROTOCOL,
        "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D",
        "%26oauth_token%3DVbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI%253D",
        "%26overrideSymbolCount%3Dtrue%26requireEarningsDate%3Dtrue%26skipMiniOptionsCheck%3Dfalse",
        "9U5QicDQk4BHgp/aOUO1CEIAIJA=", 8, 5,
    },
};
