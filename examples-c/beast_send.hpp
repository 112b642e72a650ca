// HTTP for 06_asio.cpp: one request on a connection of its own, with Boost.Beast and OpenSSL. Replace it by your own.
#ifndef BEAST_SEND_HPP
#define BEAST_SEND_HPP

#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <utility> // Boost 1.74 uses it without including it.

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "etoauth.hpp"

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

// What etoauth::Exchange::finish wants to know.
struct Response {
    int http = etoauth::answer_unsent;
    std::string head, body;
};

// The certificates that are trusted: the sandbox's, or the machine's own.
inline net::ssl::context trusted() {
    net::ssl::context tls{net::ssl::context::tls_client};
    tls.set_verify_mode(net::ssl::verify_peer);
    if (const char *const ca_file = std::getenv("ETOAUTH_SANDBOX_CA_FILE"))
        tls.load_verify_file(ca_file);
    else
        tls.set_default_verify_paths();
    return tls;
}

class Request {
public:
    Request(net::io_context &loop, net::ssl::context &tls) : loop_(loop), tls_(tls) {}

    // Sends what the exchange says. json is the body of the call's own request, or "".
    net::awaitable<Response> send(const etoauth::Exchange &exchange, const std::string &json) {
        // https://authority/target, where the authority is a host, or host:port.
        const std::string url = exchange.url().value().str(), authority = url.substr(8, url.find('/', 8) - 8);
        const std::string host = authority.substr(0, authority.find(':'));
        const std::string port = host == authority ? "443" : authority.substr(host.size() + 1);
        const std::string method = exchange.method().value().str();
        http::request<http::string_body> request{http::string_to_verb(method), url.substr(8 + authority.size()), 11};
        request.set(http::field::host, authority);
        request.set(http::field::authorization, exchange.authorization().value().str());
        if (!json.empty())
            request.set(http::field::content_type, "application/json");
        request.body() = json;
        request.prepare_payload();

        Response response;
        try {
            net::ip::tcp::resolver resolver{loop_};
            const auto addresses = co_await resolver.async_resolve(host, port, net::use_awaitable);
            stream_.emplace(loop_, tls_);
            stream_->set_verify_callback(net::ssl::host_name_verification(host));
            if (stopped_ || !SSL_set_tlsext_host_name(stream_->native_handle(), host.c_str()))
                co_return response;
            co_await beast::get_lowest_layer(*stream_).async_connect(addresses, net::use_awaitable);
            co_await stream_->async_handshake(net::ssl::stream_base::client, net::use_awaitable);

            response.http = etoauth::answer_none; // From here on, a part of the request may have left.
            beast::flat_buffer buffer;
            http::response_parser<http::string_body> parser;
            co_await http::async_write(*stream_, request, net::use_awaitable);
            co_await http::async_read(*stream_, buffer, parser, net::use_awaitable);
            // A body that only the end of the connection ended may be a part of one.
            if (request.method() == http::verb::get || !parser.need_eof()) {
                std::ostringstream head;
                head << parser.get().base();
                response = {static_cast<int>(parser.get().result_int()), head.str(), parser.get().body()};
            }
        } catch (const boost::system::system_error &) {
            // No complete response came.
        }
        stream_.reset();
        co_return response;
    }

    // Ends a request that is under way, and those that are sent later. Only a name lookup still comes to its own end.
    void stop() {
        stopped_ = true;
        if (stream_)
            beast::get_lowest_layer(*stream_).close();
    }

private:
    net::io_context &loop_;
    net::ssl::context &tls_;
    std::optional<beast::ssl_stream<beast::tcp_stream>> stream_;
    bool stopped_ = false;
};

#endif // BEAST_SEND_HPP
