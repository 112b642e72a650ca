// Failures as values, and as exceptions where there are any.
#include "check.hpp"

#include <thread>

static void values() {
    auto failed = etoauth::Client::make(etoauth::Environment::live, "", "secret");
    CHECK(!failed && !failed.ok() && !*failed);
    CHECK(failed.status() == etoauth::Code::argument && failed.status().raw() == ETOAUTH_E_ARGUMENT);
    CHECK(std::string_view(failed.status().name()) == "ETOAUTH_E_ARGUMENT" && failed.status().text()[0] != '\0');
    const etoauth::Failure last = etoauth::last_error();
    CHECK(last.status() == etoauth::Code::argument && last.http_status() == 0 && last.problem()[0] == '\0');
    CHECK(std::string_view(last.sentence()).find("key") != std::string_view::npos);

    switch (failed.status()) {
    case etoauth::Code::argument: break;
    default: CHECK(false);
    }
    OK(etoauth::self_test());
    CHECK(etoauth::last_error().status().ok() && etoauth::last_error().sentence()[0] == '\0');

    auto made = etoauth::Client::make(etoauth::Environment::live, "key", "secret");
    CHECK(made && made->token_state()->state == etoauth::TokenState::none);
    CHECK(made->set_ca_file("/nowhere") == etoauth::Code::file);
    CHECK(etoauth::last_error().status() == etoauth::Code::file);
    // Another thread has failures of its own.
    std::thread([] { CHECK(etoauth::last_error().status().ok()); }).join();
}

#if ETOAUTH_HPP_EXCEPTIONS
static void exceptions() {
    etoauth::Client client = etoauth::Client::make(etoauth::Environment::live, "key", "secret").value();
    OK(client.set_proxy(""));
    client.set_proxy("").or_throw();
    try {
        client.renew_access_token().or_throw();
        CHECK(false);
    } catch (const etoauth::Error &error) {
        CHECK(error.status() == etoauth::Code::state && error.http_status() == 0 && error.problem()[0] == '\0');
        CHECK(std::string_view(error.what()) == etoauth::last_error().sentence());
    }
    try {
        (void)client.sign("GET", "https://api.etrade.com/").value();
        CHECK(false);
    } catch (const std::runtime_error &error) {
        CHECK(error.what()[0] != '\0');
    }
    // What the server said comes along.
    const auto exchange = etoauth::Exchange::make(client, etoauth::ExchangeKind::request_token).value();
    try {
        exchange.finish(401, {}, "oauth_problem=consumer_key_rejected").or_throw();
        CHECK(false);
    } catch (const etoauth::Error &error) {
        CHECK(error.status() == etoauth::Code::consumer_key && error.http_status() == 401);
        CHECK(std::string_view(error.problem()) == "consumer_key_rejected");
    }
    // A failure that is not this thread's last has its status still.
    etoauth::Status elsewhere;
    std::thread([&] { elsewhere = client.fetch_access_token(""); }).join();
    OK(etoauth::self_test());
    try {
        elsewhere.or_throw();
        CHECK(false);
    } catch (const etoauth::Error &error) {
        const etoauth::Error copy = error;
        CHECK(copy.status() == elsewhere && std::string_view(copy.what()) == elsewhere.text());
    }
    // An exception on the way frees what was made.
    const auto before = etoauth::live_objects();
    try {
        const auto signer = etoauth::Signer::make("key", "secret").value();
        const auto text = etoauth::percent_encode("a").value();
        CHECK(etoauth::live_objects() == before + 2);
        etoauth::Prepared::make(signer, "GET", "nonsense").value();
        CHECK(false);
    } catch (const etoauth::Error &error) {
        CHECK(error.status() == etoauth::Code::url);
    }
    CHECK(etoauth::live_objects() == before);
}
#else
static void exceptions() {}
#endif

int main() {
    values();
    exceptions();
    CHECK(etoauth::live_objects() == 0);
    std::puts("every failure was told");
    return 0;
}
