"""What a binding does with handles, texts and finalisers, in ctypes."""
import ctypes
import gc
import json
import sys
import threading
import weakref

lib = ctypes.CDLL("libetoauth.so.1")
HANDLE, TEXT, SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
E_HANDLE, E_UTF8, E_ARGUMENT = -5, -3, -2
lib.etoauth_client_new.argtypes = [ctypes.c_int32, TEXT, TEXT, ctypes.POINTER(HANDLE)]
lib.etoauth_client_share.argtypes = [HANDLE, ctypes.POINTER(HANDLE)]
lib.etoauth_client_set_timeout_ms.argtypes = [HANDLE, ctypes.c_uint32]
lib.etoauth_client_cancel.argtypes = [HANDLE]
lib.etoauth_client_free.argtypes = [HANDLE]
lib.etoauth_percent_encode.argtypes = [TEXT, ctypes.POINTER(HANDLE)]
lib.etoauth_string_free.argtypes = [HANDLE]
lib.etoauth_last_error.argtypes = [ctypes.POINTER(ctypes.c_int32), TEXT, SIZE, ctypes.POINTER(SIZE)]
lib.etoauth_live_objects.restype = SIZE


def new_client():
    out = HANDLE()
    assert lib.etoauth_client_new(2, b"key", b"secret", out) == 0
    return out.value


def last_error():
    status, text = ctypes.c_int32(), ctypes.create_string_buffer(512)
    assert lib.etoauth_last_error(status, text, len(text), None) == 0
    return status.value, text.value.decode()


def numbers():
    """A handle is a number that survives in every number of a host, and is refused once it is cut."""
    client = new_client()
    assert type(client) is int and 2**32 < client < 2**47
    for same in [int(float(client)), json.loads(json.dumps(client)), ctypes.c_uint64(client).value, int(str(client))]:
        assert lib.etoauth_client_set_timeout_ms(same, 1000) == 0
    for cut in [client & 0xFFFFFFFF, ctypes.c_int32(client & 0xFFFFFFFF).value & 2**64 - 1, client + 1, client - 2]:
        assert lib.etoauth_client_set_timeout_ms(cut, 1000) == E_HANDLE
        assert lib.etoauth_client_free(cut) == E_HANDLE
    # Without argtypes, ctypes passes 32 bits of a number.
    careless = ctypes.CDLL("libetoauth.so.1")
    assert careless.etoauth_client_free(client) == E_HANDLE
    assert lib.etoauth_client_free(client) == 0
    assert lib.etoauth_client_free(client) == E_HANDLE


def encoded(text):
    """Copies a text that the library returned, then frees it."""
    out = HANDLE()
    status = lib.etoauth_percent_encode(text, out)
    if status != 0:
        return status
    copy = ctypes.string_at(out.value).decode()
    assert lib.etoauth_string_free(out) == 0
    assert lib.etoauth_string_free(out) == E_HANDLE
    return copy


def texts():
    assert encoded("é€😀".encode()) == "%C3%A9%E2%82%AC%F0%9F%98%80"
    # Half of a surrogate pair, as UTF-16 hosts can have it; Latin-1.
    assert encoded("\ud83d".encode("utf-8", "surrogatepass")) == E_UTF8
    assert encoded("é".encode("latin-1")) == E_UTF8
    # A text ends at its first NUL, and nobody notices.
    assert encoded(b"a\0b") == "a"


class Client:
    def __init__(self):
        self.handle = new_client()
        self.free = weakref.finalize(self, lib.etoauth_client_free, self.handle)

    def close(self):
        lib.etoauth_client_cancel(self.handle)
        self.free()


def finalisers():
    """Run at any moment on any thread, and erase no error, if they only free."""
    for _ in range(100):
        Client()
    gc.collect()
    assert lib.etoauth_live_objects() == 0
    client = Client()
    other = threading.Thread(target=client.close)
    other.start()
    other.join()
    client.close()
    assert lib.etoauth_live_objects() == 0

    freed, failing = new_client(), new_client()
    assert lib.etoauth_client_set_timeout_ms(failing, 0) == E_ARGUMENT
    expected = last_error()
    assert expected[0] == E_ARGUMENT and "timeout_ms" in expected[1]
    assert lib.etoauth_client_free(freed) == 0
    assert last_error() == expected
    # Any other function of a finaliser does erase it.
    assert lib.etoauth_client_cancel(failing) == 0
    assert last_error() == (0, "")
    assert lib.etoauth_client_free(failing) == 0


assert lib.etoauth_abi_version() == 1
numbers()
texts()
finalisers()
assert lib.etoauth_live_objects() == 0
print("as a binding does it")
