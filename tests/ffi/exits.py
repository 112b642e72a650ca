"""A host that ends while a call is under way on another thread. Arguments: the way it ends, the server's URL, the call's
timeout in milliseconds. A line on its input tells it to leave."""
import atexit
import concurrent.futures
import ctypes
import os
import signal
import sys
import threading

lib = ctypes.CDLL("libetoauth.so.1")
HANDLE, TEXT = ctypes.c_void_p, ctypes.c_char_p
lib.etoauth_client_new.argtypes = [ctypes.c_int32, TEXT, TEXT, ctypes.POINTER(HANDLE)]
lib.etoauth_client_set_base_urls.argtypes = [HANDLE, TEXT, TEXT, TEXT]
lib.etoauth_client_set_proxy.argtypes = [HANDLE, TEXT]
lib.etoauth_client_set_access_token.argtypes = [HANDLE, TEXT, TEXT, ctypes.c_int64]
lib.etoauth_client_set_timeout_ms.argtypes = [HANDLE, ctypes.c_uint32]
lib.etoauth_client_send.argtypes = [HANDLE, TEXT, TEXT, TEXT, TEXT, ctypes.c_size_t, ctypes.POINTER(HANDLE)]
lib.etoauth_client_cancel.argtypes = [HANDLE]
lib.etoauth_last_error.argtypes = [ctypes.c_void_p, TEXT, ctypes.c_size_t, ctypes.c_void_p]

way, url, timeout_ms = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
client = HANDLE()
for status in [
    lib.etoauth_client_new(1, b"key", b"secret", client),
    lib.etoauth_client_set_base_urls(client, url, None, url),
    lib.etoauth_client_set_proxy(client, b""),
    lib.etoauth_client_set_access_token(client, b"token", b"secret", 0),
    lib.etoauth_client_set_timeout_ms(client, timeout_ms),
]:
    assert status == 0


def say(*words):
    print(*words, flush=True)


def call():
    status = lib.etoauth_client_send(client, b"GET", b"/v1/x", None, None, 0, HANDLE())
    text = ctypes.create_string_buffer(512)
    lib.etoauth_last_error(None, text, len(text), None)
    say("ended", status, text.value.decode())


def hook():
    say("hook")
    assert lib.etoauth_client_cancel(client) == 0


def leave():
    sys.stdin.readline()
    say("leaving")


def interrupt():
    leave()
    os.kill(os.getpid(), signal.SIGINT)


def new_pool():
    return concurrent.futures.ThreadPoolExecutor()


def register():
    threading._register_atexit(hook)


def nothing():
    pass


def in_a_loop(at_the_end):
    import asyncio

    async def main():
        asyncio.get_running_loop().run_in_executor(None, call)
        try:
            await asyncio.to_thread(leave)
        finally:
            at_the_end()

    asyncio.run(main())


if way == "daemon thread":
    threading.Thread(target=call, daemon=True).start()
    leave()
elif way in ("thread", "thread, atexit", "thread, _register_atexit"):
    if "_register_atexit" in way:
        register()
    elif "atexit" in way:
        atexit.register(hook)
    threading.Thread(target=call).start()
    leave()
elif way == "pool":
    new_pool().submit(call)
    leave()
elif way == "pool, atexit":
    atexit.register(hook)
    new_pool().submit(call)
    leave()
elif way == "pool, _register_atexit":
    pool = new_pool()
    register()
    pool.submit(call)
    leave()
elif way == "_register_atexit, pool":
    # Before the pool's module is imported.
    register()
    new_pool().submit(call)
    leave()
elif way == "finally":
    with new_pool() as pool:
        try:
            pool.submit(call)
            leave()
            sys.exit()
        finally:
            hook()
elif way == "asyncio":
    in_a_loop(nothing)
elif way == "asyncio, finally":
    in_a_loop(hook)
elif way == "interrupted in the call":
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        call()
    except KeyboardInterrupt:
        say("interrupted")
elif way == "interrupted beside the call":
    with new_pool() as pool:
        threading.Thread(target=interrupt, daemon=True).start()
        try:
            pool.submit(call).result()
        except KeyboardInterrupt:
            say("interrupted")
            hook()
else:
    sys.exit("no such way: " + way)
