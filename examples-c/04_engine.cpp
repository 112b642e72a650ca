// The threads of a trading engine. Each signs a request that was prepared once, into a buffer of its own, while another
// thread keeps the session active. Halfway through, somebody logs in again, so that every signature with the old token
// becomes worthless. Signing reports this (Code::stale), and each thread prepares its request again and continues.
//
// The engine would send these requests with its own HTTP stack; here they are only counted. Two calls are sent through
// the client to show that the tokens work. The program must be started by etoauth-sandbox, as make demo does.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "etoauth.hpp"

namespace {

constexpr int threads = 8;
constexpr long requests = 20000; // for each thread

std::atomic<long> signatures{0}, new_signers{0}, at_half{0}, finished{0};
std::atomic<bool> second_login{false};

std::string from_environment(const char *name) {
    if (const char *const value = std::getenv(name))
        return value;
    std::fprintf(stderr, "%s is not set. Run: make demo\n", name);
    std::exit(1);
}

// An error ends the program: no thread may end with an exception.
template <class Work>
void guarded(Work work) {
    try {
        work();
    } catch (const etoauth::Error &error) {
        std::fprintf(stderr, "  failed: %s\n  %s\n", error.status().name(), error.what());
        std::_Exit(1);
    }
}

void log_in(const etoauth::Client &client) {
    client.fetch_request_token().or_throw();
    client.fetch_access_token(from_environment("ETOAUTH_SANDBOX_CODE")).or_throw();
}

etoauth::Prepared prepare(const etoauth::Client &client, const std::string &url) {
    return etoauth::Prepared::make(client.signer().value(), "GET", url).value();
}

// One of the engine's threads. It owns its prepared request and its buffer; the threads share only the client.
void trade(const etoauth::Client &client, const std::string &api, int number) {
    const std::string url = api + "/v1/market/quote/SYM" + std::to_string(number) + "?detailFlag=INTRADAY";
    etoauth::Prepared quote = prepare(client, url);
    etoauth::Header header;

    for (long sent = 0; sent < requests; ++sent, ++signatures) {
        if (sent == requests / 2) { // Every thread is halfway when the login is replaced.
            ++at_half;
            while (!second_login)
                std::this_thread::yield();
        }
        etoauth::Status status = quote.sign(header);
        while (status == etoauth::Code::stale) {
            quote = prepare(client, url);
            ++new_signers;
            status = quote.sign(header);
        }
        status.or_throw();
        // Here the engine would send the request with the header "Authorization: " followed by header.view().
    }
    ++finished;
}

// An engine that runs all day would sleep for some minutes between two checks.
void keep_alive(const etoauth::Client &client) {
    for (; finished < threads; std::this_thread::sleep_for(std::chrono::milliseconds(1)))
        client.ensure_active(std::chrono::minutes(5)).or_throw();
}

void call(const etoauth::Client &client) {
    const auto response = client.send("GET", "/v1/accounts/list.json").value();
    std::printf("  GET /v1/accounts/list.json: HTTP %d, %zu bytes\n", *response.status(), response.body()->size());
}

void run() {
    const std::string sandbox = from_environment("ETOAUTH_SANDBOX_URL");
    const std::string key = from_environment("ETOAUTH_SANDBOX_KEY");
    const std::string secret = from_environment("ETOAUTH_SANDBOX_SECRET");
    const auto client = etoauth::Client::make(etoauth::Environment::sandbox, key, secret).value();
    client.set_base_urls(sandbox + "/oauth", sandbox + "/e/t/etws/authorize", sandbox).or_throw();
    client.set_proxy("").or_throw();
    client.set_timeout(std::chrono::seconds(10)).or_throw();
    log_in(client);
    std::printf("  logged in\n");
    call(client);

    std::vector<std::thread> engine;
    for (int number = 0; number < threads; ++number)
        engine.emplace_back([&, number] { guarded([&] { trade(client, sandbox, number); }); });
    engine.emplace_back([&] { guarded([&] { keep_alive(client); }); });

    while (at_half < threads)
        std::this_thread::yield();
    log_in(client);
    second_login = true;
    std::printf("  logged in again while %d threads sign\n", threads);
    for (std::thread &thread : engine)
        thread.join();
    std::printf("  %ld signatures; a new signer was needed %ld times\n", +signatures, +new_signers);
    call(client);
    client.revoke_access_token().or_throw();
}

} // namespace

int main() {
    guarded(run);
}
