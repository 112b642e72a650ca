// The test looks at what this asks the linker for: the C functions, and nothing else.
#include "etoauth.hpp"

etoauth::Status sign(const etoauth::Prepared &prepared, etoauth::Header &to) {
    return prepared.sign(to);
}

etoauth::Status sign(const etoauth::Prepared &prepared, char *to, std::size_t size, std::size_t *len) {
    return prepared.sign({to, size, len});
}

bool sign(const etoauth::Signer &signer, const std::string &url, char (&to)[etoauth::header_max]) {
    return signer.sign("GET", url, {}, to).ok();
}
