-- sign.lua LIBRARY CDEF: E*TRADE's published vector, signed from LuaJIT, and two wrong calls.

local ffi = require("ffi")

local library, cdef = arg[1], arg[2]
local declarations = io.open(cdef):read("*a")
ffi.cdef(declarations)
local lib = ffi.load(library)

-- A name that the library lacks is noticed when it is first used.
for name in declarations:gmatch("(etoauth_[%w_]+)%(") do
    assert(lib[name])
end
assert(lib.etoauth_version_number() == lib.ETOAUTH_VERSION_NUMBER)
assert(ffi.string(lib.etoauth_status_text(lib.ETOAUTH_E_NULL)) == "An argument that must not be NULL is NULL.")

local function last_error()
    local status, text = ffi.new("etoauth_status[1]"), ffi.new("char[?]", lib.ETOAUTH_ERROR_MAX)
    assert(lib.etoauth_last_error(status, text, lib.ETOAUTH_ERROR_MAX, nil) == lib.ETOAUTH_OK)
    return status[0], ffi.string(text)
end

local out = ffi.new("etoauth_signer *[1]")
assert(lib.etoauth_signer_new(
    "c5bb4dcb7bd6826c7c4340df3f791188", "7d30246211192cda43ede3abd9b393b9",
    "VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=", "XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=",
    out) == lib.ETOAUTH_OK)
local signer = out[0]
local header, length = ffi.new("char[?]", lib.ETOAUTH_HEADER_MAX), ffi.new("size_t[1]")
local url = "https://api.etrade.com/v1/accounts/list"

local function sign(url)
    return lib.etoauth_signer_sign_at(
        signer, "GET", url, nil, 1344885636, "0bba225a40d1bbac2430aa0c6163ce44", header, lib.ETOAUTH_HEADER_MAX, length)
end

assert(sign(url) == lib.ETOAUTH_OK)
assert(ffi.string(header):find('oauth_signature="UOnPVdzExTAgHkcGWLLfeTaaMSM%3D"', 1, true))
assert(length[0] == #ffi.string(header))

assert(sign(nil) == lib.ETOAUTH_E_NULL)
local status, text = last_error()
assert(status == lib.ETOAUTH_E_NULL and text:find("url"), text)
assert(lib.etoauth_signer_free(signer) == lib.ETOAUTH_OK)
assert(sign(url) == lib.ETOAUTH_E_HANDLE)
status, text = last_error()
assert(status == lib.ETOAUTH_E_HANDLE and text:find("signer"), text)
print("signed, and refused twice")
