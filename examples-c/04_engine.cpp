// A trading engine's threads: each signs requests that were prepared once, into a buffer of its own, while one of them
// keeps the session alive. In the middle of it somebody logs in anew, so that every signature made with the old token
// is worthless: signing says so (Code::stale), and each thread prepares its requests again and goes on.
//
// What the engine would send with an HTTP stack of its own is only counted here; two calls go out through the client,
// to show that the tokens work. etoauth-sandbox starts it (make demo does): nobody else approves that quickly.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "etoauth.hpp"

namespace {

constexpr int threads = 8;
constexpr long requests = 20000; // of each thread

std::atomic<long> signatures{0}, new_signers{0}, at_half{0}, finished{0};
std::atomic<bool> second_login{false};

std::string from_environment(const char *name) {
    if (const char *const value = std::getenv(name))
        return value;
    std::fprintf(stderr, "%s is not set. Run: make demo\n", name);
    std::exit(1);
}

// What is wrong ends the program: no thread may end with an exception.
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

// One of the engine's threads. It owns what it signs with and where to: nothing is shared but the client.
void trade(const etoauth::Client &client, const std::string &api, int number) {
    const std::string url = api + "/v1/market/quote/SYM" + std::to_string(number) + "?detailFlag=INTRADAY";
    etoauth::Prepared quote = prepare(client, url);
    etoauth::Header header;

    for (long sent = 0; sent < requests; ++sent, ++signatures) {
        if (sent == requests / 2) { // Everybody is under way when the login is replaced.
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
        // Here the engine would send its request with "Authorization: " and header.view().
    }
    ++finished;
}

// An engine that runs all day would sleep some minutes between two looks.
void keep_alive(const etoauth::Client &client) {
    for (; finished < threads; std::this_thread::sleep_for(std::chrono::milliseconds(1)))
        client.ensure_active(std::chrono::minutes(5)).or_throw();
}

void call(const etoauth::Client &client) {
    const auto answer = client.send("GET", "/v1/accounts/list.json").value();
    std::printf("  GET /v1/accounts/list.json: HTTP %d, %zu bytes\n", *answer.status(), answer.body()->size());
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
    std::printf("  logged in anew under %d threads that sign\n", threads);
    for (std::thread &thread : engine)
        thread.join();
    std::printf("  %ld signatures, %ld times a new signer for a replaced token\n", +signatures, +new_signers);
    call(client);
    client.revoke_access_token().or_throw();
}

} // namespace

int main() {
    guarded(run);
}
