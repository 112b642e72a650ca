// Owners: moved, never copied, freed once. Texts in and out, durations out of range.
#include "check.hpp"

#include <limits>
#include <type_traits>

using namespace std::chrono_literals;

template <class T>
constexpr bool owns =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_nothrow_default_constructible_v<T> &&
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> && sizeof(T) == sizeof(void *);

static_assert(owns<etoauth::Client> && owns<etoauth::Response> && owns<etoauth::Exchange>);
static_assert(owns<etoauth::Signer> && owns<etoauth::Prepared> && owns<etoauth::Listener>);
static_assert(!std::is_copy_constructible_v<etoauth::String> && std::is_nothrow_move_assignable_v<etoauth::String>);
static_assert(!std::is_convertible_v<etoauth_client *, etoauth::Client>);
static_assert(!std::is_convertible_v<std::string_view, etoauth::cstring>);
static_assert(std::is_convertible_v<std::string, etoauth::cstring>);
static_assert(sizeof(etoauth::Status) == sizeof(etoauth_status) && sizeof(etoauth::cstring) == sizeof(char *));
static_assert(!std::is_convertible_v<etoauth::Status, bool>, "0 is success in C: if (status) would say the opposite");
static_assert(etoauth::Status(ETOAUTH_E_STALE) == etoauth::Code::stale && etoauth::Status().ok());

static etoauth::Signer make() {
    auto made = etoauth::Signer::make("key", "secret", "token", "token secret");
    OK(made);
    return *std::move(made);
}

static void moves() {
    etoauth::Signer a = make();
    etoauth_signer *const raw = a.get();
    CHECK(raw != nullptr && etoauth::live_objects() == 1);

    etoauth::Signer b(std::move(a));
    CHECK(!a && b.get() == raw);
    // An empty one answers; it does not crash.
    CHECK(a.bound().status() == etoauth::Code::null && *a.bound() == 0);

    etoauth::Signer &self = b;
    b = std::move(self);
    CHECK(b.get() == raw && etoauth::live_objects() == 1);
    OK(b.bound());

    b = make();
    CHECK(b.get() != raw && etoauth::live_objects() == 1);
    a = std::move(b);
    std::swap(a, b);
    CHECK(b && !a);
    b = {};
    CHECK(!b && etoauth::live_objects() == 0);
}

static void releases() {
    etoauth::Signer a = make();
    etoauth_signer *const raw = a.release();
    CHECK(raw != nullptr && a.release() == nullptr && !a && etoauth::live_objects() == 1);
    etoauth::Signer b(raw);
    OK(b.free());
    CHECK(!b);
    // Nothing is left to be freed, which is no failure.
    OK(b.free());
    // Freed behind an owner's back: the owner's own free is refused and harmless.
    {
        const etoauth::Signer c = make();
        CHECK(etoauth_signer_free(c.get()) == ETOAUTH_OK);
        CHECK(c.bound().status() == etoauth::Code::handle);
        const etoauth::Signer twice(c.get());
    }
    b.reset(make().release());
    b.reset();
    CHECK(etoauth::live_objects() == 0);
}

static void texts() {
    const std::string a_b = "a b";
    etoauth::String text = std::move(*etoauth::percent_encode(a_b));
    CHECK(text && text.view() == "a%20b" && text.size() == 5 && text.str() == "a%20b");
    CHECK(etoauth::percent_encode(text)->view() == "a%2520b");
    etoauth::String other = std::move(text);
    CHECK(!text && text.view().empty() && text.c_str()[0] == '\0' && other.size() == 5);
    other = std::move(text);
    CHECK(!other && etoauth::live_objects() == 0);
    CHECK(etoauth::percent_encode({}).status() == etoauth::Code::null);

    char *const raw = etoauth::percent_encode("x")->release();
    CHECK(etoauth::live_objects() == 1);
    CHECK(etoauth::String(raw).view() == "x");
    CHECK(etoauth::live_objects() == 0);
}

static void buffers() {
    const etoauth::Signer signer = make();
    const char *const url = "https://localhost/v1?a=1";
    etoauth::Header header;
    char array[etoauth::header_max], few[10];
    std::size_t len = 0;

    CHECK(header.view().empty());
    OK(signer.sign_at("GET", url, {}, 1344885636, "nonce", header));
    OK(signer.sign_at("GET", url, {}, 1344885636, "nonce", array));
    CHECK(header.view() == array && header.size() == std::strlen(header.c_str()));
    OK(signer.sign_at("GET", url, {}, 1344885636, "nonce", {array, sizeof array, &len}));
    CHECK(len == header.size());
    CHECK(signer.sign("GET", url, {}, {few, sizeof few, &len}) == etoauth::Code::buffer && len == *signer.bound());
    CHECK(signer.sign("GET", url, {}, few) == etoauth::Code::buffer);
    // A failure leaves nothing that could be sent by mistake.
    CHECK(signer.sign("1", url, {}, header) == etoauth::Code::method && header.view().empty());

    // Nor does one that needs more than a Header has.
    const std::string huge(3000, 'k');
    const auto large = etoauth::Signer::make(huge, "secret");
    OK(large);
    CHECK(*large->bound() > etoauth::header_max);
    CHECK(large->sign("GET", url, {}, header) == etoauth::Code::buffer && header.view().empty());
}

static void durations() {
    using etoauth::detail::saturated;
    using ms = std::chrono::milliseconds;

    CHECK(saturated<ms>(2s) == 2000 && saturated<ms>(1us) == 1 && saturated<ms>(1001us) == 2);
    CHECK(saturated<ms>(0s) == 0 && saturated<ms>(-1s) == 0 && saturated<ms>(std::chrono::hours::min()) == 0);
    CHECK(saturated<ms>(std::chrono::hours::max()) == UINT32_MAX && saturated<ms>(ms::max()) == UINT32_MAX);
    CHECK(saturated<ms>(ms(4294967294)) == 4294967294u && saturated<ms>(ms(4294967296)) == UINT32_MAX);
    CHECK(saturated<std::chrono::seconds>(2min) == 120 && saturated<std::chrono::seconds>(1ms) == 1);
    const std::chrono::duration<double> none(std::numeric_limits<double>::quiet_NaN());
    CHECK(saturated<ms>(none) == 0);

    const auto client = etoauth::Client::make(etoauth::Environment::sandbox, "key", "secret");
    OK(client->set_timeout(std::chrono::seconds::max()));
    CHECK(client->set_timeout(-5s) == etoauth::Code::argument);
    OK(client->set_clock_offset(24h));
    CHECK(*client->clock_offset() == 24h);
    CHECK(client->set_clock_offset(25h) == etoauth::Code::argument);
}

int main() {
    moves();
    releases();
    texts();
    buffers();
    durations();
    CHECK(etoauth::live_objects() == 0);
    std::puts("each was freed once");
    return 0;
}
