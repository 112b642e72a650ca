// Signing through the classes allocates and frees nothing, whether it succeeds or fails, nor does asking why.
#include "check.hpp"

extern "C" unsigned long allocations(void);

static const char *const url = "https://api.etrade.com/v1/market/quote/GOOG?detailFlag=ALL";

static void sign(const etoauth::Signer &signer, const etoauth::Prepared &prepared, const std::string &text) {
    etoauth::Header header;
    char array[etoauth::header_max];
    std::size_t len = 0;

    OK(signer.sign("GET", url, {}, header));
    OK(signer.sign("GET", text, {}, array));
    OK(signer.sign("POST", text, "a=b", {array, sizeof array, &len}));
    OK(signer.sign_at("GET", url, {}, 1344885636, "n", header));
    OK(prepared.sign(header));
    CHECK(header.view().substr(0, 6) == "OAuth " && header.size() == std::strlen(header.c_str()));
    OK(prepared.sign(array));
    OK(prepared.sign({array, sizeof array, &len}));
    OK(prepared.sign_at(1344885636, {}, header));

    CHECK(signer.sign("1", url, {}, header) == etoauth::Code::method);
    const etoauth::Failure last = etoauth::last_error();
    CHECK(last.status() == etoauth::Code::method && last.sentence()[0] != '\0');
    CHECK(prepared.sign({array, 10}) == etoauth::Code::buffer);
}

int main() {
    const auto signer = etoauth::Signer::make("key", "secret", "token", "token secret");
    OK(signer);
    const auto prepared = etoauth::Prepared::make(*signer, "GET", url);
    OK(prepared);
    const std::string text = url;

    const unsigned long blind = allocations();
    ::operator delete(::operator new(64));
    CHECK(allocations() == blind + 2);

    sign(*signer, *prepared, text); // A thread's first call may allocate.
    const unsigned long before = allocations();
    for (int round = 0; round < 200; ++round)
        sign(*signer, *prepared, text);
    CHECK(allocations() == before);
    std::puts("nothing was allocated");
    return 0;
}
