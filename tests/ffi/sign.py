"""sign.py LIBRARY CDEF: E*TRADE's published vector, signed from Python by cffi, and two wrong calls."""

import re
import sys

import cffi

library, cdef = sys.argv[1:]
declarations = open(cdef, encoding="ascii").read()
ffi = cffi.FFI()
ffi.cdef(declarations)
lib = ffi.dlopen(library)

# A name that the library lacks is noticed when it is first used.
for name in re.findall(r"(etoauth_\w+)\(", declarations):
    getattr(lib, name)
assert lib.etoauth_version_number() == lib.ETOAUTH_VERSION_NUMBER
assert ffi.string(lib.etoauth_status_text(lib.ETOAUTH_E_NULL)) == b"An argument that must not be NULL is NULL."


def last_error():
    status, text = ffi.new("etoauth_status *"), ffi.new("char[]", lib.ETOAUTH_ERROR_MAX)
    assert lib.etoauth_last_error(status, text, len(text), ffi.NULL) == lib.ETOAUTH_OK
    return status[0], ffi.string(text).decode()


out = ffi.new("etoauth_signer **")
assert lib.etoauth_signer_new(
    b"c5bb4dcb7bd6826c7c4340df3f791188", b"7d30246211192cda43ede3abd9b393b9",
    b"VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=", b"XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=",
    out) == lib.ETOAUTH_OK
signer = out[0]
header, length = ffi.new("char[]", lib.ETOAUTH_HEADER_MAX), ffi.new("size_t *")
url = b"https://api.etrade.com/v1/accounts/list"


def sign(url):
    return lib.etoauth_signer_sign_at(
        signer, b"GET", url, ffi.NULL, 1344885636, b"0bba225a40d1bbac2430aa0c6163ce44", header, len(header), length)


assert sign(url) == lib.ETOAUTH_OK
assert b'oauth_signature="UOnPVdzExTAgHkcGWLLfeTaaMSM%3D"' in ffi.string(header)
assert length[0] == len(ffi.string(header))

assert sign(ffi.NULL) == lib.ETOAUTH_E_NULL
status, text = last_error()
assert status == lib.ETOAUTH_E_NULL and "url" in text, text
assert lib.etoauth_signer_free(signer) == lib.ETOAUTH_OK
assert sign(url) == lib.ETOAUTH_E_HANDLE
status, text = last_error()
assert status == lib.ETOAUTH_E_HANDLE and "signer" in text, text
print("signed, and refused twice")
