// A login's whole life through the classes alone, and every other function of theirs once. The sandbox approves by
// itself.
#include "check.hpp"

using namespace std::chrono_literals;
using etoauth::Code;

static std::string url;

static void sign_and_call(const etoauth::Client &client) {
    const auto signer = client.signer();
    OK(signer);
    const auto prepared = etoauth::Prepared::make(*signer, "GET", url + "/v1/accounts/list.json");
    etoauth::Header header;
    OK(prepared->sign(header));
    OK(prepared->sign_at(1344885636, "nonce", header));
    CHECK(signer->base_string("GET", url + "/v1", {}, 1344885636, "nonce")->view().substr(0, 4) == "GET&");
    CHECK(signer->set_clock_offset(1s) == Code::state);
    OK(client.sign("GET", url + "/v1"));
    CHECK(client.sign_url("GET", url + "/v1?a=1")->view().find("oauth_signature=") != std::string_view::npos);

    auto answer = client.send("GET", "/v1/accounts/list.json");
    OK(answer);
    CHECK(*answer->status() == 200 && *answer->attempts() == 1 && *answer->advice() == etoauth::Advice::none);
    CHECK(answer->body()->view().substr(0, 1) == "{" && answer->header("content-type")->size() > 0);
    const auto none = answer->header("X-None");
    CHECK(none.ok() && !*none);

    answer = client.send("POST", std::string("/v1/echo"), "Content-Type: text/plain\n", std::string_view("a\0b", 3));
    OK(answer);
    CHECK(answer->body()->view().find("text/plain") != std::string_view::npos);

    const auto authorization = client.sign("GET", url + "/v1");
    const auto advice = client.diagnose("GET", *authorization, 401, {}, "oauth_problem=token_expired");
    CHECK(advice.ok() && *advice == etoauth::Advice::renew);
}

static void sessions(const etoauth::Client &client, const etoauth::Client &other) {
    const auto session = client.export_session();
    OK(session);
    OK(other.import_session(*session));
    const auto here = client.access_token(), there = other.access_token();
    CHECK(here.ok() && here->token.view() == there->token.view() && here->secret.view() == there->secret.view());
    CHECK(other.import_session("nonsense") == Code::session);

    const auto signer = other.signer();
    etoauth::Header header;
    const auto long_ago = std::chrono::system_clock::now() - 3h;
    OK(other.set_access_token("token", "secret", long_ago));
    CHECK(other.token_state()->state != etoauth::TokenState::active);
    CHECK(signer->sign("GET", url, {}, header) == Code::stale);
    OK(other.set_access_token("token", std::string("secret")));
    CHECK(other.token_state()->state == etoauth::TokenState::active && other.token_state()->inactive_in > 1h);
    OK(other.set_session_file({}));
    OK(other.set_user_agent("engine/1"));
    CHECK(other.set_ca_file("/nowhere") == Code::file);
    OK(other.cancel());
    OK(client.read_log());
    CHECK(*client.clock_offset() == 0s);
}

static void exchanges(const etoauth::Client &client) {
    auto exchange = etoauth::Exchange::make(client, etoauth::ExchangeKind::renew);
    OK(exchange);
    CHECK(exchange->method()->view() == "GET" && exchange->url()->view().substr(0, url.size()) == url);
    CHECK(exchange->authorization()->view().substr(0, 6) == "OAuth ");
    CHECK(exchange->finish(200, {}, "Access Token has been renewed").ok());
    CHECK(exchange->finish(200) == Code::state);

    const auto made = etoauth::Exchange::make_request(client, "POST", "/v1/accounts/1/orders/place", "a=1");
    OK(made);
    const auto &call = *made;
    CHECK(call.method().status() == Code::state && call.advice().status() == Code::state);
    CHECK(call.next()->step == etoauth::Step::send && call.method()->view() == "POST");
    CHECK(call.finish(etoauth::answer_unsent) == Code::connect);
    CHECK(call.next()->step == etoauth::Step::done && *call.advice() == etoauth::Advice::wait);
    CHECK(etoauth::Exchange::make(client, etoauth::ExchangeKind::revoke, "code").status() == Code::argument);
}

static void shares(const etoauth::Client &client) {
    auto made = client.share();
    OK(made);
    const auto &share = *made;
    OK(share.set_timeout(1s));
    OK(share.send("GET", "/v1/accounts/list.json"));
    CHECK(share.last_error().status().ok());
    CHECK(share.send("GET", "https://localhost/").status() == Code::url);
    OK(etoauth::self_test());
    CHECK(share.last_error().status() == Code::url && share.last_error().sentence()[0] != '\0');
    CHECK(client.last_error().status() != Code::url);
    OK(share.cancel());
    CHECK(share.send("GET", "/v1/accounts/list.json").status() == Code::cancelled);
    CHECK(client.send("GET", "/v1/accounts/list.json").ok());
    CHECK(etoauth::Client().last_error().status() == Code::null && etoauth::Client().share().status() == Code::null);
}

static void listeners(const etoauth::Client &client) {
    const auto listener = etoauth::Listener::make("http://127.0.0.1:0/back");
    OK(listener);
    CHECK(listener->url()->view().substr(0, 17) == "http://127.0.0.1:");
    CHECK(listener->wait(client, 0s).status() == Code::timeout);
    CHECK(listener->wait(1ms).status() == Code::timeout);
}

int main() {
    CHECK(etoauth::abi_fits() && etoauth::version_number() == ETOAUTH_VERSION_NUMBER);
    CHECK(std::string_view(etoauth::version()) == ETOAUTH_VERSION_STRING);
    {
        url = fact("SANDBOX_URL");
        etoauth::Client clients[2];
        for (etoauth::Client &client : clients) {
            const char *const key = fact("SANDBOX_KEY"), *const secret = fact("SANDBOX_SECRET");
            auto made = etoauth::Client::make(etoauth::Environment::sandbox, key, secret);
            OK(made);
            client = *std::move(made);
            OK(client.set_base_urls(url + "/oauth", {}, url));
            OK(client.set_proxy(""));
            OK(client.set_timeout(20s));
        }
        const etoauth::Client &client = clients[0];
        CHECK(client.authorize_url().status() == Code::state);
        OK(client.fetch_request_token());
        CHECK(client.token_state()->state == etoauth::TokenState::pending);
        CHECK(client.authorize_url()->view().find("token=") != std::string_view::npos);
        CHECK(client.fetch_access_token("wrong") == Code::verifier && etoauth::last_error().http_status() == 401);
        OK(client.fetch_access_token("SBX42"));
        OK(client.ensure_active());
        OK(client.ensure_active(5min));
        OK(client.renew_access_token());
        sign_and_call(client);
        exchanges(client);
        sessions(client, clients[1]);
        shares(client);
        listeners(client);
        OK(client.revoke_access_token());
        CHECK(client.send("GET", "/v1/accounts/list.json").status() == Code::state);
    }
    CHECK(etoauth::live_objects() == 0);
    std::puts("logged in, called, revoked");
    return 0;
}
