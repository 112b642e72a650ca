// Calls that a stop token cancels: before, during, and each by itself.
#include "check.hpp"

#include <stop_token>
#include <thread>

using namespace std::chrono_literals;
using etoauth::Code;

// Every function that uses the network, with a stop that was requested before, and with one that never is.
static void all(const etoauth::Client &client, std::stop_token stop, Code expected) {
    CHECK(client.fetch_request_token(stop) == expected);
    CHECK(client.renew_access_token(stop) == (expected == Code::connect ? Code::unavailable : expected));
    CHECK(client.send(stop, "GET", "/v1/accounts/list").status() == expected);
    CHECK(etoauth::last_error().status() == expected);
    CHECK(client.send(stop, "POST", "/v1/echo", "Content-Type: text/plain", "a").status() == expected);
}

int main() {
    {
        const auto client = etoauth::Client::make(etoauth::Environment::live, "key", "secret").value();
        OK(client.set_proxy(""));
        OK(client.set_base_urls("http://127.0.0.1:1/oauth", {}, "http://127.0.0.1:1"));
        OK(client.set_access_token("token", "secret"));
        std::stop_source never, before;
        CHECK(before.request_stop());
        all(client, never.get_token(), Code::connect);
        all(client, before.get_token(), Code::cancelled);
        all(client, {}, Code::connect);
        OK(client.ensure_active(never.get_token()));
        CHECK(client.ensure_active(before.get_token(), 1h) == Code::cancelled);
        CHECK(client.fetch_access_token(before.get_token(), "CODE") == Code::cancelled);
        CHECK(client.revoke_access_token(before.get_token()) == Code::cancelled);
        CHECK(client.token_state()->state == etoauth::TokenState::active);
        CHECK(etoauth::Client().send(never.get_token(), "GET", "/").status() == Code::null);

        // A listener that nobody asks is a server that never answers.
        const auto silent = etoauth::Listener::make("http://127.0.0.1:0/").value();
        OK(client.set_timeout(1h));
        OK(client.set_base_urls({}, {}, silent.url().value()));
        std::stop_source during;
        std::jthread stopper([&] { during.request_stop(); });
        const Code ended = client.send(during.get_token(), "GET", "/v1/accounts/list").status();
        CHECK(ended == Code::cancelled || ended == Code::uncertain);

        const auto listener = etoauth::Listener::make("http://127.0.0.1:0/back").value();
        std::stop_source waiting;
        std::jthread other([&] { waiting.request_stop(); });
        CHECK(listener.wait(waiting.get_token(), client, 1h).status() == Code::cancelled);
        CHECK(listener.wait(never.get_token(), client, 0s).status() == Code::timeout);
    }
    CHECK(etoauth::live_objects() == 0);
    std::puts("every stop was heard");
    return 0;
}
