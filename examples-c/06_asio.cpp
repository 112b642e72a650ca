// An event loop of Boost.Asio: fifty API calls at once on one thread, each a coroutine, one of them an order. The
// library says what to send and what each response means; Boost.Beast does the sending, in beast_send.hpp. Each call
// has a deadline of its own and can be cancelled by itself. This needs C++20.
//
//     06_asio [LATE [UNWANTED]]
//
// A call whose path contains LATE has two seconds instead of thirty. A call whose path contains UNWANTED is cancelled
// when the order has ended.
#include <cstdio>
#include <list>

#include "beast_send.hpp"
#include "support.h"

namespace {

const std::int64_t begun = now();

struct Call {
    Call(net::io_context &loop, net::ssl::context &tls) : deadline(loop), wait(loop), request(loop, tls) {}

    // Ends this call before its time. The others go on.
    void give_up(const char *how) {
        given_up = how;
        wait.cancel();
        request.stop();
    }

    std::string method = "GET", path, json;
    net::steady_timer deadline, wait;
    Request request;
    bool unwanted = false;
    const char *given_up = nullptr;
};

// A call has ended: says how, what came of it, and what to do about that.
void report(const Call &call, const etoauth::Exchange &exchange, etoauth::Status status, int http) {
    std::string text = "not carried out";
    etoauth::Advice advice = status.advice();

    if (status.ok()) {
        text = "HTTP " + std::to_string(http);
        advice = exchange.advice().value();
    } else if (status != etoauth::Code::cancelled) {
        text = etoauth::last_error().sentence();
    }
    std::printf("%5d ms  %s %s %s: %s: %s -> %s\n", static_cast<int>(now() - begun), call.method.c_str(),
                call.path.c_str(), call.given_up && !status.ok() ? call.given_up : "ended", status.name(), text.c_str(),
                in_words(static_cast<std::int32_t>(advice), !call.json.empty()));
    std::fflush(stdout);
}

// Does what the exchange says until the call has ended.
net::awaitable<void> run(const etoauth::Client &client, std::list<Call> &calls, Call &call) {
    auto exchange = etoauth::Exchange::make_request(client, call.method, call.path).value();
    etoauth::Status status = etoauth::Code::again;
    Response response;

    while (status == etoauth::Code::again) {
        const auto next = exchange.next();
        if (!next.ok() || next->step == etoauth::Step::done) {
            status = next.status();
        } else if (next->step == etoauth::Step::wait) {
            boost::system::error_code woken;
            call.wait.expires_after(next->wait);
            co_await call.wait.async_wait(net::redirect_error(net::use_awaitable, woken));
        } else {
            const bool is_renewal = next->step == etoauth::Step::renew;
            // GCC 12 would free it twice if it were a temporary in the co_await.
            const std::string body = is_renewal ? "" : call.json;
            response = co_await call.request.send(exchange, body);
            if (is_renewal && call.given_up)
                exchange.reset(); // One of the others renews instead.
            else
                status = exchange.finish(response.http, response.head, response.body);
            if (is_renewal) // Calls that wait for it need not wait for their timers.
                for (Call &other : calls)
                    other.wait.cancel();
        }
        if (call.given_up && status == etoauth::Code::again)
            status = etoauth::Code::cancelled; // It was waiting, renewing or refused, and was not carried out.
    }
    report(call, exchange, status, response.http);
    call.deadline.cancel();
    if (!call.json.empty())
        for (Call &other : calls)
            if (other.unwanted)
                other.give_up("was cancelled");
}

} // namespace

int main(int argc, char **argv) {
    const etoauth::Client client{log_in()};
    net::io_context loop{1};
    net::ssl::context tls = trusted();
    std::list<Call> calls;

    for (int i = 0; i < 50; ++i) {
        Call &call = calls.emplace_back(loop, tls);
        call.path = "/v1/market/quote/SYM" + std::to_string(10 + i);
        if (i == 0) {
            call.method = "POST";
            call.path = "/v1/accounts/sandboxAccount1/orders/place";
            call.json = R"({"PlaceOrderRequest": {"clientOrderId": "8a52c1"}})";
        } else if (i == 1) {
            call.path = "/v1/accounts/list";
        }
        const bool is_late = argc > 1 && call.path.find(argv[1]) != std::string::npos;
        call.unwanted = argc > 2 && call.path.find(argv[2]) != std::string::npos;
        call.deadline.expires_after(std::chrono::milliseconds(is_late ? 2000 : 30000));
        call.deadline.async_wait([&call](boost::system::error_code cancelled) {
            if (!cancelled)
                call.give_up("timed out");
        });
        net::co_spawn(loop, run(client, calls, call), [](std::exception_ptr error) {
            if (error)
                std::rethrow_exception(error);
        });
    }
    loop.run();
    return 0;
}
