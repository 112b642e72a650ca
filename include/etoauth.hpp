/*
 * libetoauth for C++17 and later: etoauth.h with owning classes, results and durations. Everything is inline and calls
 * the C functions, so link as for C.
 *
 *     auto client = etoauth::Client::make(etoauth::Environment::sandbox, "consumer key", "consumer secret").value();
 *     client.fetch_request_token().or_throw();
 *     std::cout << "Open " << client.authorize_url().value().view() << " and type the code that it shows: ";
 *     std::string code;
 *     std::cin >> code;
 *     client.fetch_access_token(code).or_throw();
 *     auto response = client.send("GET", "/v1/accounts/list.json").value();
 *     std::cout << response.body().value().view() << '\n';
 *
 * The comments here say only what differs from C. etoauth.h says what each function does, which statuses it returns and
 * what its arguments may be. The names are the same without "get_": etoauth_client_get_authorize_url is
 * Client::authorize_url. etoauth_client_new is Client::make.
 *
 * RULES
 *
 *  1 Owners. A class owns its handle. It can be moved but not copied. An object that was default-constructed or moved
 *    from is empty; its functions return Code::null.
 *  2 Errors. A function that can fail returns a Status, or a Result with a value. Only or_throw(), value() and
 *    String::str() throw. The first two exist only if exceptions are enabled; neither needs RTTI.
 *  3 Text in is a cstring. Pass a literal, a const char *, a std::string or a String; it is not copied. A text ends at
 *    its first NUL.
 *  4 Text out is a String. It owns the library's memory: the text is not copied, and it is wiped when it is freed.
 *  5 Threads. Every const function may be called on any thread at any time, and all functions that use the handle are
 *    const. Moving, resetting and destroying an object need exclusive access to it, as with any object.
 *  6 Time is std::chrono. A negative duration counts as zero, and one that is too long as the longest possible, which
 *    is 49 days in milliseconds. Fractions are rounded up. So seconds::max() means "for ever".
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef ETOAUTH_HPP
#define ETOAUTH_HPP

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "etoauth.hpp needs C++17; etoauth.h needs only C++98"
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "etoauth.h"

#if (__cplusplus >= 202002L || (defined(_MSVC_LANG) && _MSVC_LANG >= 202002L)) && __has_include(<stop_token>)
#include <stop_token>
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define ETOAUTH_HPP_EXCEPTIONS 1
#include <stdexcept>
#else
#define ETOAUTH_HPP_EXCEPTIONS 0
#endif

namespace etoauth {

/* ---- Constants -------------------------------------------------------------------------------------------------- */

/** The ETOAUTH_ENV_ constants. */
enum class Environment : std::int32_t { live = ETOAUTH_ENV_LIVE, sandbox = ETOAUTH_ENV_SANDBOX };

/** The ETOAUTH_TOKEN_ constants. */
enum class TokenState : std::int32_t {
    none = ETOAUTH_TOKEN_NONE, pending = ETOAUTH_TOKEN_PENDING, active = ETOAUTH_TOKEN_ACTIVE,
    inactive = ETOAUTH_TOKEN_INACTIVE, expired = ETOAUTH_TOKEN_EXPIRED, revoked = ETOAUTH_TOKEN_REVOKED,
};

/** The ETOAUTH_ADVICE_ constants. */
enum class Advice : std::int32_t {
    none = ETOAUTH_ADVICE_NONE, retry = ETOAUTH_ADVICE_RETRY, renew = ETOAUTH_ADVICE_RENEW,
    login = ETOAUTH_ADVICE_LOGIN, wait = ETOAUTH_ADVICE_WAIT, fix = ETOAUTH_ADVICE_FIX, check = ETOAUTH_ADVICE_CHECK,
};

/** The ETOAUTH_EXCHANGE_ constants. */
enum class ExchangeKind : std::int32_t {
    request_token = ETOAUTH_EXCHANGE_REQUEST_TOKEN, access_token = ETOAUTH_EXCHANGE_ACCESS_TOKEN,
    renew = ETOAUTH_EXCHANGE_RENEW, revoke = ETOAUTH_EXCHANGE_REVOKE, api = ETOAUTH_EXCHANGE_API,
};

/** The ETOAUTH_STEP_ constants. */
enum class Step : std::int32_t {
    send = ETOAUTH_STEP_SEND, renew = ETOAUTH_STEP_RENEW, wait = ETOAUTH_STEP_WAIT, done = ETOAUTH_STEP_DONE,
};

/** For Exchange::finish in place of an HTTP status: no complete response came; nothing of the request left. */
inline constexpr int answer_none = ETOAUTH_ANSWER_NONE;
inline constexpr int answer_unsent = ETOAUTH_ANSWER_UNSENT;

/** ETOAUTH_OK and the ETOAUTH_E_ constants. A later library may return others, so give a switch a default. */
enum class Code : etoauth_status {
    ok = ETOAUTH_OK, null = ETOAUTH_E_NULL, argument = ETOAUTH_E_ARGUMENT, utf8 = ETOAUTH_E_UTF8,
    buffer = ETOAUTH_E_BUFFER, handle = ETOAUTH_E_HANDLE, state = ETOAUTH_E_STATE, limit = ETOAUTH_E_LIMIT,
    internal = ETOAUTH_E_INTERNAL, memory = ETOAUTH_E_MEMORY, stale = ETOAUTH_E_STALE, url = ETOAUTH_E_URL,
    method = ETOAUTH_E_METHOD, session = ETOAUTH_E_SESSION, random = ETOAUTH_E_RANDOM, clock = ETOAUTH_E_CLOCK,
    file = ETOAUTH_E_FILE, connect = ETOAUTH_E_CONNECT, tls = ETOAUTH_E_TLS, timeout = ETOAUTH_E_TIMEOUT,
    insecure = ETOAUTH_E_INSECURE, uncertain = ETOAUTH_E_UNCERTAIN, cancelled = ETOAUTH_E_CANCELLED,
    http = ETOAUTH_E_HTTP, response = ETOAUTH_E_RESPONSE, signature = ETOAUTH_E_SIGNATURE,
    consumer_key = ETOAUTH_E_CONSUMER_KEY, verifier = ETOAUTH_E_VERIFIER, login = ETOAUTH_E_LOGIN,
    rate_limit = ETOAUTH_E_RATE_LIMIT, unavailable = ETOAUTH_E_UNAVAILABLE, clock_skew = ETOAUTH_E_CLOCK_SKEW,
    again = ETOAUTH_E_AGAIN, denied = ETOAUTH_E_DENIED,
};

/** Large enough for any signature, unless the key or the token is longer than 256 bytes. */
inline constexpr std::size_t header_max = ETOAUTH_HEADER_MAX;

/* ---- Errors ----------------------------------------------------------------------------------------------------- */

/** The result of a call. It converts to its Code, for comparisons and for a switch. */
class [[nodiscard]] Status {
public:
    constexpr Status() noexcept = default;
    constexpr Status(Code code) noexcept : code_(code) {}
    constexpr Status(etoauth_status status) noexcept : code_(static_cast<Code>(status)) {}

    constexpr operator Code() const noexcept { return code_; }
    constexpr Code code() const noexcept { return code_; }
    constexpr bool ok() const noexcept { return code_ == Code::ok; }

    /** The C value. */
    constexpr etoauth_status raw() const noexcept { return static_cast<etoauth_status>(code_); }

    /** The name, such as "ETOAUTH_E_TIMEOUT". */
    const char *name() const noexcept { return etoauth_status_name(raw()); }

    /** One line of English about this status in general; last_error() has the sentence about this failure. */
    const char *text() const noexcept { return etoauth_status_text(raw()); }

    /** What to do about it. For a GET or HEAD, Advice::check means: ask again. */
    Advice advice() const noexcept { return static_cast<Advice>(etoauth_status_advice(raw())); }

#if ETOAUTH_HPP_EXCEPTIONS
    /** Throws Error unless ok. Call it before the thread's next call into the library, which clears the sentence. */
    void or_throw() const;
#endif

private:
    Code code_ = Code::ok;
};

/**
 * A status and, if that is ok, a value. After a failure the value is empty or zero, so reading it is harmless:
 * if (auto signer = client.signer()) use(*signer);
 */
template <class T>
class [[nodiscard]] Result {
public:
    Result(Status status, T value) noexcept : status_(status), value_(std::move(value)) {}
    /** A failure. */
    explicit Result(Status status) noexcept : status_(status), value_() {}

    bool ok() const noexcept { return status_.ok(); }
    explicit operator bool() const noexcept { return ok(); }
    Status status() const noexcept { return status_; }

    T &operator*() & noexcept { return value_; }
    const T &operator*() const & noexcept { return value_; }
    T &&operator*() && noexcept { return std::move(value_); }
    T *operator->() noexcept { return &value_; }
    const T *operator->() const noexcept { return &value_; }

#if ETOAUTH_HPP_EXCEPTIONS
    /** The value. If there is none, throws as Status::or_throw does. */
    T &value() & { return status_.or_throw(), value_; }
    const T &value() const & { return status_.or_throw(), value_; }
    T value() && { return status_.or_throw(), std::move(value_); }
#endif

private:
    Status status_;
    T value_;
};

/** A thread's or a client's last failure. The texts are stored in the object itself, so that it allocates no memory. */
class Failure {
public:
    /** ok if nothing failed. */
    Status status() const noexcept { return status_; }

    /** What went wrong and what to do about it. */
    const char *sentence() const noexcept { return sentence_; }

    /** The HTTP status of the server's response, or 0 if none came. */
    int http_status() const noexcept { return http_status_; }

    /** The oauth_problem in the server's response, or "". */
    const char *problem() const noexcept { return problem_; }

private:
    friend Failure last_error() noexcept;
    friend class Client;

    Failure() noexcept {
        etoauth_last_error(&status_, sentence_, sizeof sentence_, nullptr);
        etoauth_last_problem(&http_status_, problem_, sizeof problem_, nullptr);
    }
    explicit Failure(etoauth_client *client) noexcept {
        if (const auto refused = etoauth_client_last_error(client, &status_, sentence_, sizeof sentence_, nullptr))
            status_ = refused;
        etoauth_client_last_problem(client, &http_status_, problem_, sizeof problem_, nullptr);
    }

    etoauth_status status_ = ETOAUTH_OK;
    std::int32_t http_status_ = 0;
    char sentence_[ETOAUTH_ERROR_MAX] = "";
    char problem_[128] = "";
};

/** This thread's last failure: its status and sentence, and what the server said. */
inline Failure last_error() noexcept {
    return Failure();
}

#if ETOAUTH_HPP_EXCEPTIONS
/** The exception that or_throw() and value() throw. what() is the library's sentence. */
class Error : public std::runtime_error {
public:
    /** Describes the thread's last failure if it has this status, and otherwise the status alone. */
    explicit Error(Status status) : Error(status, last_error()) {}

    Status status() const noexcept { return status_; }
    int http_status() const noexcept { return http_status_; }
    const char *problem() const noexcept { return problem_; }

private:
    Error(Status status, const Failure &last)
        : std::runtime_error(last.status() == status.code() ? last.sentence() : status.text()), status_(status) {
        if (last.status() == status.code()) {
            http_status_ = last.http_status();
            std::memcpy(problem_, last.problem(), std::strlen(last.problem()));
        }
    }

    Status status_;
    int http_status_ = 0;
    char problem_[128] = "";
};

inline void Status::or_throw() const {
    if (!ok())
        throw Error(*this);
}
#endif

/* ---- Owners, texts and buffers ---------------------------------------------------------------------------------- */

namespace detail {

inline etoauth_status free_raw(char *raw) noexcept { return etoauth_string_free(raw); }
inline etoauth_status free_raw(etoauth_client *raw) noexcept { return etoauth_client_free(raw); }
inline etoauth_status free_raw(etoauth_response *raw) noexcept { return etoauth_response_free(raw); }
inline etoauth_status free_raw(etoauth_listener *raw) noexcept { return etoauth_listener_free(raw); }
inline etoauth_status free_raw(etoauth_exchange *raw) noexcept { return etoauth_exchange_free(raw); }
inline etoauth_status free_raw(etoauth_signer *raw) noexcept { return etoauth_signer_free(raw); }
inline etoauth_status free_raw(etoauth_prepared *raw) noexcept { return etoauth_prepared_free(raw); }

/** Converts a duration to a unit that C counts in 32 bits. No conversion here can overflow. */
template <class Unit, class Rep, class Period>
std::uint32_t saturated(std::chrono::duration<Rep, Period> from) noexcept {
    using Wide = std::chrono::duration<double, typename Unit::period>;
    const double count = std::chrono::duration_cast<Wide>(from).count();
    if (!(count > 0))
        return 0;
    if (count >= static_cast<double>(UINT32_MAX))
        return UINT32_MAX;
    const auto whole = static_cast<std::uint32_t>(count);
    return static_cast<double>(whole) < count ? whole + 1 : whole;
}

} // namespace detail

/**
 * The base class of all owners, similar to std::unique_ptr. The library allows a handle to be freed while another
 * thread uses it. To do that, call the C function with get(). The owner's own free is then refused and does no harm.
 */
template <class Handle>
class Owner {
public:
    using Raw = Handle;

    Owner() noexcept = default;
    explicit Owner(Raw *raw) noexcept : raw_(raw) {}
    Owner(Owner &&other) noexcept : raw_(other.release()) {}
    Owner &operator=(Owner &&other) noexcept {
        reset(other.release());
        return *this;
    }
    ~Owner() { reset(); }

    /** The C handle. This object still owns it. */
    Raw *get() const noexcept { return raw_; }
    explicit operator bool() const noexcept { return raw_ != nullptr; }

    /** The C handle. From now on the caller owns it. */
    [[nodiscard]] Raw *release() noexcept { return std::exchange(raw_, nullptr); }

    /** Frees the handle, and takes ownership of another one or of none. */
    void reset(Raw *raw = nullptr) noexcept {
        if (Raw *const old = std::exchange(raw_, raw))
            detail::free_raw(old);
    }

    /** Frees the handle and returns the result, which matters in a forked child. */
    Status free() noexcept { return detail::free_raw(release()); }

private:
    Raw *raw_ = nullptr;
};

/** A text from the library. It is wiped when it is freed. Copies are not: keep secrets in here. */
class String {
public:
    using Raw = char;

    String() noexcept = default;
    /** Takes ownership of a text from a C function. */
    explicit String(char *raw) noexcept : String(raw, raw == nullptr ? 0 : std::strlen(raw)) {}
    /** Takes ownership of a text of this length. It may contain NULs, and must be followed by one. */
    String(char *raw, std::size_t size) noexcept : owner_(raw), size_(size) {}

    explicit operator bool() const noexcept { return static_cast<bool>(owner_); }
    operator std::string_view() const noexcept { return view(); }
    std::string_view view() const noexcept { return {c_str(), size()}; }
    /** "" if empty; never NULL. */
    const char *c_str() const noexcept { return owner_ ? owner_.get() : ""; }
    std::size_t size() const noexcept { return owner_ ? size_ : 0; }
    std::string str() const { return std::string(view()); }
    /** The C text. From now on the caller owns it, and frees it with etoauth_string_free. */
    [[nodiscard]] char *release() noexcept { return owner_.release(); }

private:
    Owner<char> owner_;
    std::size_t size_ = 0;
};

/**
 * The parameter type for text in; do not store one. {} is NULL, for arguments where etoauth.h allows that. A
 * std::string_view is not accepted because it may lack the terminating NUL: write std::string(view), which copies it.
 */
class cstring {
public:
    constexpr cstring() noexcept = default;
    constexpr cstring(const char *text) noexcept : text_(text) {}
    cstring(const std::string &text) noexcept : text_(text.c_str()) {}
    cstring(const String &text) noexcept : text_(text.c_str()) {}
    cstring(std::string_view) = delete;

    constexpr operator const char *() const noexcept { return text_; }

private:
    const char *text_ = nullptr;
};

/** A buffer for the value of an Authorization header. If signing fails, it is empty. */
class Header {
public:
    Header() noexcept { text_[0] = '\0'; }

    std::string_view view() const noexcept { return {text_, size()}; }
    const char *c_str() const noexcept { return text_; }
    /** 0 after Code::buffer, since the length is then the capacity that is needed. */
    std::size_t size() const noexcept { return len_ < sizeof text_ ? len_ : 0; }

private:
    friend struct Buffer;

    std::size_t len_ = 0;
    char text_[header_max];
};

/** The destination of a signature: a Header, an array, or {data, capacity, &length}. See rule 4 of etoauth.h. */
struct Buffer {
    constexpr Buffer(char *to, std::size_t size, std::size_t *written = nullptr) noexcept
        : data(to), capacity(size), length(written) {}
    template <std::size_t N>
    constexpr Buffer(char (&array)[N]) noexcept : Buffer(array, N) {}
    Buffer(Header &header) noexcept : Buffer(header.text_, sizeof header.text_, &header.len_) {
        header.text_[0] = '\0';
        header.len_ = 0;
    }

    char *data;
    std::size_t capacity, *length;
};

namespace detail {

/** Calls a C function whose last argument is an output of this type, and returns what it wrote. */
template <class T, class Function, class... Inputs>
Result<T> output(Function function, Inputs... inputs) noexcept {
    T value{};
    const Status status = function(inputs..., &value);
    return {status, value};
}

/** The same for a handle or a text, and takes ownership of it. */
template <class Owned, class Function, class... Inputs>
Result<Owned> owned(Function function, Inputs... inputs) noexcept {
    typename Owned::Raw *raw = nullptr;
    const Status status = function(inputs..., &raw);
    return {status, Owned(raw)};
}

template <class Function, class... Inputs>
Result<String> text(Function function, Inputs... inputs) noexcept {
    return owned<String>(function, inputs...);
}

} // namespace detail

/* ---- Signing into a buffer -------------------------------------------------------------------------------------- */

/** Fixed credentials, ready to sign. After Code::stale, get a new signer from the client. */
class Signer : public Owner<etoauth_signer> {
public:
    using Owner::Owner;

    static Result<Signer> make(
        cstring consumer_key, cstring consumer_secret, cstring token = {}, cstring token_secret = {}) noexcept {
        return detail::owned<Signer>(etoauth_signer_new, consumer_key, consumer_secret, token, token_secret);
    }

    /** form: a form-encoded body, or {} for none. */
    Status sign(cstring method, cstring url, cstring form, Buffer out) const noexcept {
        return etoauth_signer_sign(get(), method, url, form, out.data, out.capacity, out.length);
    }
    /** nonce: {} for a new one. */
    Status sign_at(
        cstring method, cstring url, cstring form, std::int64_t timestamp, cstring nonce, Buffer out) const noexcept {
        return etoauth_signer_sign_at(get(), method, url, form, timestamp, nonce, out.data, out.capacity, out.length);
    }
    Result<String> base_string(
        cstring method, cstring url, cstring form, std::int64_t timestamp, cstring nonce) const noexcept {
        return detail::text(etoauth_signer_get_base_string, get(), method, url, form, timestamp, nonce);
    }
    Status set_clock_offset(std::chrono::seconds ahead) const noexcept {
        return etoauth_signer_set_clock_offset(get(), ahead.count());
    }
    Result<std::size_t> bound() const noexcept { return detail::output<std::size_t>(etoauth_signer_get_bound, get()); }
};

/** A signer for one method and URL. It may outlive the Signer. */
class Prepared : public Owner<etoauth_prepared> {
public:
    using Owner::Owner;

    static Result<Prepared> make(const Signer &signer, cstring method, cstring url) noexcept {
        return detail::owned<Prepared>(etoauth_prepared_new, signer.get(), method, url);
    }

    Status sign(Buffer out) const noexcept { return etoauth_prepared_sign(get(), out.data, out.capacity, out.length); }
    /** nonce: {} for a new one. */
    Status sign_at(std::int64_t timestamp, cstring nonce, Buffer out) const noexcept {
        return etoauth_prepared_sign_at(get(), timestamp, nonce, out.data, out.capacity, out.length);
    }
};

/* ---- The client and its objects --------------------------------------------------------------------------------- */

/** The response from Client::send. Its functions fail only if the object is empty. */
class Response : public Owner<etoauth_response> {
public:
    using Owner::Owner;

    /** The HTTP status. */
    Result<int> status() const noexcept { return detail::output<std::int32_t>(etoauth_response_get_status, get()); }
    /** An empty String if the response has no such header. */
    Result<String> header(cstring name) const noexcept {
        return detail::text(etoauth_response_get_header, get(), name);
    }
    Result<String> body() const noexcept {
        char *raw = nullptr;
        std::size_t size = 0;
        const Status status = etoauth_response_get_body(get(), &raw, &size);
        return {status, String(raw, size)};
    }
    Result<Advice> advice() const noexcept {
        std::int32_t raw = 0;
        const Status status = etoauth_response_get_advice(get(), &raw);
        return {status, static_cast<Advice>(raw)};
    }
    Result<int> attempts() const noexcept { return detail::output<std::int32_t>(etoauth_response_get_attempts, get()); }
    /** How long the server wants to be left alone; 0 if it did not say. */
    Result<std::chrono::seconds> retry_after() const noexcept {
        std::int32_t seconds = 0;
        const Status status = etoauth_response_get_retry_after_s(get(), &seconds);
        return {status, std::chrono::seconds(seconds)};
    }
};

/** The state of an access token. */
struct Standing {
    TokenState state = TokenState::none;
    std::chrono::seconds inactive_in{};
    std::chrono::seconds expires_in{};
};

/** A token and its secret. */
struct AccessToken {
    String token;
    String secret;
};

/** A consumer key, one person's token, and the token's lifecycle. */
class Client : public Owner<etoauth_client> {
public:
    using Owner::Owner;

    static Result<Client> make(Environment environment, cstring consumer_key, cstring consumer_secret) noexcept {
        const auto raw = static_cast<std::int32_t>(environment);
        return detail::owned<Client>(etoauth_client_new, raw, consumer_key, consumer_secret);
    }

    /** One more handle on the same login, with a timeout, a cancellation and a last failure of its own. */
    Result<Client> share() const noexcept { return detail::owned<Client>(etoauth_client_share, get()); }
    /** The last failure of a function of this object, on whichever thread. */
    Failure last_error() const noexcept { return Failure(get()); }

    Status fetch_request_token() const noexcept { return etoauth_client_fetch_request_token(get()); }
    Result<String> authorize_url() const noexcept { return detail::text(etoauth_client_get_authorize_url, get()); }
    Status fetch_access_token(cstring verifier) const noexcept {
        return etoauth_client_fetch_access_token(get(), verifier);
    }
    Status renew_access_token() const noexcept { return etoauth_client_renew_access_token(get()); }
    Status revoke_access_token() const noexcept { return etoauth_client_revoke_access_token(get()); }

    Result<String> sign(cstring method, cstring url) const noexcept {
        return detail::text(etoauth_client_sign, get(), method, url);
    }
    Result<String> sign_url(cstring method, cstring url) const noexcept {
        return detail::text(etoauth_client_sign_url, get(), method, url);
    }
    Result<Signer> signer() const noexcept { return detail::owned<Signer>(etoauth_client_get_signer, get()); }

    /** for_time is rounded up to seconds; see rule 6. */
    template <class Rep = std::int64_t, class Period = std::ratio<1>>
    Status ensure_active(std::chrono::duration<Rep, Period> for_time = {}) const noexcept {
        return etoauth_client_ensure_active(get(), detail::saturated<std::chrono::seconds>(for_time));
    }
    Result<Response> send(
        cstring method, cstring url, cstring headers = {}, std::string_view body = {}) const noexcept {
        return detail::owned<Response>(etoauth_client_send, get(), method, url, headers, body.data(), body.size());
    }
    Status cancel() const noexcept { return etoauth_client_cancel(get()); }
    Result<Advice> diagnose(
        cstring method, cstring authorization, int http_status, cstring headers = {},
        std::string_view body = {}) const noexcept {
        std::int32_t raw = 0;
        const Status status = etoauth_client_diagnose(
            get(), method, authorization, http_status, headers, body.data(), body.size(), &raw);
        return {status, static_cast<Advice>(raw)};
    }

    Result<Standing> token_state() const noexcept {
        std::int32_t state = 0, inactive_in = 0, expires_in = 0;
        const Status status = etoauth_client_get_token_state(get(), &state, &inactive_in, &expires_in);
        return {status, Standing{static_cast<TokenState>(state), std::chrono::seconds(inactive_in),
                                 std::chrono::seconds(expires_in)}};
    }
    /** Grows with everything that an export of the session should be repeated for. */
    Result<std::uint64_t> session_revision() const noexcept {
        std::uint64_t revision = 0;
        const Status status = etoauth_client_get_session_revision(get(), &revision);
        return {status, revision};
    }
    /** For how long the library asks for no renewal by itself. */
    Result<std::chrono::seconds> renew_wait() const noexcept {
        std::int32_t seconds = 0;
        const Status status = etoauth_client_get_renew_wait_s(get(), &seconds);
        return {status, std::chrono::seconds(seconds)};
    }
    Result<AccessToken> access_token() const noexcept {
        char *token = nullptr, *secret = nullptr;
        const Status status = etoauth_client_get_access_token(get(), &token, &secret);
        return {status, AccessToken{String(token), String(secret)}};
    }
    /** issued_at: the epoch, which is the default, means now. */
    Status set_access_token(
        cstring token, cstring token_secret, std::chrono::system_clock::time_point issued_at = {}) const noexcept {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(issued_at.time_since_epoch()).count();
        return etoauth_client_set_access_token(get(), token, token_secret, seconds);
    }

    /** {} keeps the present URL. */
    Status set_base_urls(cstring oauth_base, cstring authorize_url, cstring api_base) const noexcept {
        return etoauth_client_set_base_urls(get(), oauth_base, authorize_url, api_base);
    }
    /** timeout is rounded up to milliseconds; see rule 6. */
    template <class Rep, class Period>
    Status set_timeout(std::chrono::duration<Rep, Period> timeout) const noexcept {
        return etoauth_client_set_timeout_ms(get(), detail::saturated<std::chrono::milliseconds>(timeout));
    }
    Status set_proxy(cstring url) const noexcept { return etoauth_client_set_proxy(get(), url); }
    Status set_ca_file(cstring pem_path) const noexcept { return etoauth_client_set_ca_file(get(), pem_path); }
    Status set_user_agent(cstring text) const noexcept { return etoauth_client_set_user_agent(get(), text); }

    /** {} stops keeping the session in a file. */
    Status set_session_file(cstring path) const noexcept { return etoauth_client_set_session_file(get(), path); }
    Result<String> export_session() const noexcept { return detail::text(etoauth_client_export_session, get()); }
    Status import_session(cstring text) const noexcept { return etoauth_client_import_session(get(), text); }

    Result<std::chrono::seconds> clock_offset() const noexcept {
        std::int64_t ahead = 0;
        const Status status = etoauth_client_get_clock_offset(get(), &ahead);
        return {status, std::chrono::seconds(ahead)};
    }
    Status set_clock_offset(std::chrono::seconds ahead) const noexcept {
        return etoauth_client_set_clock_offset(get(), ahead.count());
    }
    Result<String> read_log() const noexcept { return detail::text(etoauth_client_read_log, get()); }

#ifdef __cpp_lib_jthread
    /*
     * The functions that use the network, for callers with a stop token: a stop that is requested before or during the
     * call cancels this call alone. Each uses a shared handle for the time of the call.
     */
    Status fetch_request_token(std::stop_token stop) const noexcept {
        return stoppable<Status>(std::move(stop), [](const Client &c) { return c.fetch_request_token(); });
    }
    Status fetch_access_token(std::stop_token stop, cstring verifier) const noexcept {
        return stoppable<Status>(std::move(stop), [&](const Client &c) { return c.fetch_access_token(verifier); });
    }
    Status renew_access_token(std::stop_token stop) const noexcept {
        return stoppable<Status>(std::move(stop), [](const Client &c) { return c.renew_access_token(); });
    }
    Status revoke_access_token(std::stop_token stop) const noexcept {
        return stoppable<Status>(std::move(stop), [](const Client &c) { return c.revoke_access_token(); });
    }
    template <class Rep = std::int64_t, class Period = std::ratio<1>>
    Status ensure_active(std::stop_token stop, std::chrono::duration<Rep, Period> for_time = {}) const noexcept {
        return stoppable<Status>(std::move(stop), [&](const Client &c) { return c.ensure_active(for_time); });
    }
    Result<Response> send(std::stop_token stop, cstring method, cstring url, cstring headers = {},
                          std::string_view body = {}) const noexcept {
        return stoppable<Result<Response>>(
            std::move(stop), [&](const Client &c) { return c.send(method, url, headers, body); });
    }

private:
    friend class Listener;

    template <class Outcome, class Call>
    Outcome stoppable(std::stop_token stop, Call call) const noexcept {
        auto share = this->share();
        if (!share)
            return Outcome(share.status());
        const std::stop_callback cancel(
            std::move(stop), [raw = share->get()]() noexcept { etoauth_client_cancel(raw); });
        return call(*share);
    }
#endif
};

/** Waits for the redirect to a registered callback. */
class Listener : public Owner<etoauth_listener> {
public:
    using Owner::Owner;

    static Result<Listener> make(cstring callback_url) noexcept {
        return detail::owned<Listener>(etoauth_listener_new, callback_url);
    }

    Result<String> url() const noexcept { return detail::text(etoauth_listener_get_url, get()); }
    /** Waits for a redirect of this client's pending login. An empty client counts as none. For timeout see rule 6. */
    template <class Rep, class Period>
    Result<String> wait(const Client &client, std::chrono::duration<Rep, Period> timeout) const noexcept {
        const auto ms = detail::saturated<std::chrono::milliseconds>(timeout);
        return detail::text(etoauth_listener_wait, get(), client.get(), ms);
    }
    /** Waits for any redirect with a verifier. */
    template <class Rep, class Period>
    Result<String> wait(std::chrono::duration<Rep, Period> timeout) const noexcept { return wait(Client(), timeout); }
#ifdef __cpp_lib_jthread
    /** A stop that is requested ends the wait, as it ends a call of Client's. The client must not be empty. */
    template <class Rep, class Period>
    Result<String> wait(
        std::stop_token stop, const Client &client, std::chrono::duration<Rep, Period> timeout) const noexcept {
        return client.stoppable<Result<String>>(
            std::move(stop), [&](const Client &c) { return wait(c, timeout); });
    }
#endif
};

/** One OAuth call that the host sends with its own HTTP stack. */
class Exchange : public Owner<etoauth_exchange> {
public:
    using Owner::Owner;

    static Result<Exchange> make(const Client &client, ExchangeKind kind, cstring verifier = {}) noexcept {
        return detail::owned<Exchange>(etoauth_exchange_new, client.get(), static_cast<std::int32_t>(kind), verifier);
    }

    /** An API call. form: a form-encoded body, which is signed. */
    static Result<Exchange> make_request(const Client &client, cstring method, cstring url,
                                         cstring form = {}) noexcept {
        return detail::owned<Exchange>(etoauth_exchange_new_request, client.get(), method, url, form);
    }

    /** What to do now, and after how long to ask again if that is to wait. */
    struct Next {
        Step step = Step::done;
        std::chrono::milliseconds wait{};
    };
    Result<Next> next() const noexcept {
        std::int32_t step = ETOAUTH_STEP_DONE, wait = 0;
        const Status status = etoauth_exchange_next(get(), &step, &wait);
        return {status, Next{static_cast<Step>(step), std::chrono::milliseconds(wait)}};
    }
    /** What to do about the response that ended it. */
    Result<Advice> advice() const noexcept {
        std::int32_t raw = 0;
        const Status status = etoauth_exchange_get_advice(get(), &raw);
        return {status, static_cast<Advice>(raw)};
    }

    Result<String> method() const noexcept { return detail::text(etoauth_exchange_get_method, get()); }
    Result<String> url() const noexcept { return detail::text(etoauth_exchange_get_url, get()); }
    Result<String> authorization() const noexcept { return detail::text(etoauth_exchange_get_authorization, get()); }
    /** Code::again: there is more to do; ask next(). */
    Status finish(int http_status, cstring headers = {}, std::string_view body = {}) const noexcept {
        return etoauth_exchange_finish(get(), http_status, headers, body.data(), body.size());
    }
};

/* ---- The library ------------------------------------------------------------------------------------------------ */

inline const char *version() noexcept { return etoauth_version(); }
inline std::uint32_t version_number() noexcept { return etoauth_version_number(); }
/** Whether this header and the library have the same ABI. */
inline bool abi_fits() noexcept { return etoauth_abi_version() == ETOAUTH_ABI_VERSION; }
inline std::size_t live_objects() noexcept { return etoauth_live_objects(); }
inline Status self_test() noexcept { return etoauth_self_test(); }
inline Result<String> percent_encode(cstring text) noexcept {
    return detail::text(etoauth_percent_encode, text);
}

} // namespace etoauth

#endif // ETOAUTH_HPP
