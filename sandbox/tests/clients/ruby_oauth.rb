# Ruby's oauth, by E*TRADE's host names.
require "json"
require "oauth"
require "open3"

KEY, SECRET = ENV.values_at("ETOAUTH_SANDBOX_KEY", "ETOAUTH_SANDBOX_SECRET")

def step(name)
  result = yield
  puts [name, "ok"].join("\t")
  result
rescue StandardError => error
  puts [name, "failed", "#{error.class}: #{error.message}".gsub(/\s+/, " ")[0, 300]].join("\t")
  nil
end

consumer = OAuth::Consumer.new(
  KEY, SECRET,
  site: "https://api.etrade.com",
  request_token_path: "/oauth/request_token",
  authorize_url: "https://us.etrade.com/e/t/etws/authorize",
  access_token_path: "/oauth/access_token",
  # Net::HTTP, left alone, looks for http_proxy whatever the scheme is.
  proxy: ENV["HTTPS_PROXY"]
)
pending = step("request token") { consumer.get_request_token(oauth_callback: "oob") }
link = pending.authorize_url(key: KEY).sub("oauth_token=", "token=")
code, objection, status = Open3.capture3(ENV["PYTHON"], File.join(__dir__, "person.py"), link)
step("page") { raise objection unless status.success? && objection.strip.empty? }
ACCESS = step("access token") { pending.get_access_token(oauth_verifier: code.strip) }

def call(method, path, body = nil)
  arguments = body ? [body, { "Content-Type" => "application/json" }] : []
  response = ACCESS.request(method, path, *arguments)
  raise "#{response.code} #{response.body}" unless response.is_a?(Net::HTTPSuccess)
  response.body
end

def ask(element, method, path, body = nil)
  JSON.parse(call(method, "/v1#{path}", body && JSON.generate(body))).fetch(element)
end

def order(name, more = {})
  product = { securityType: "EQ", symbol: "IBM" }
  instrument = { Product: product, orderAction: "BUY", quantityType: "QUANTITY", quantity: "1" }
  terms = { allOrNone: "false", priceType: "LIMIT", orderTerm: "GOOD_FOR_DAY", marketSession: "REGULAR" }
  orders = [terms.merge(limitPrice: "1.00", Instrument: [instrument])]
  { name => { orderType: "EQ", clientOrderId: "A1", Order: orders }.merge(more) }
end

list = step("accounts") { ask("AccountListResponse", :get, "/accounts/list.json") }
account = "/accounts/#{list && list["Accounts"]["Account"][0]["accountIdKey"]}"
step("quote") { ask("QuoteResponse", :get, "/market/quote/IBM.json?detailFlag=INTRADAY") }
step("balance") { ask("BalanceResponse", :get, "#{account}/balance.json?instType=BROKERAGE&realTimeNAV=true") }
step("portfolio") { ask("PortfolioResponse", :get, "#{account}/portfolio.json") }
preview = step("preview") do
  ask("PreviewOrderResponse", :post, "#{account}/orders/preview.json", order("PreviewOrderRequest"))
end
placed = step("place") do
  more = { PreviewIds: preview.fetch("PreviewIds") }
  ask("PlaceOrderResponse", :post, "#{account}/orders/place.json", order("PlaceOrderRequest", more))
end
number = placed && placed["OrderIds"][0]["orderId"]
step("list") do
  orders = ask("OrdersResponse", :get, "#{account}/orders.json")["Order"]
  raise "the order is not listed" unless orders.any? { |order| order["orderId"] == number }
end
step("cancel") do
  ask("CancelOrderResponse", :put, "#{account}/orders/cancel.json", { CancelOrderRequest: { orderId: number } })
end
%w[renew revoke].each { |name| step(name) { call(:get, "/oauth/#{name}_access_token") } }
