"""Logs in to the sandbox with the binding of docs/embedding.md, makes many calls at once, cancels some, and leaves while
one is under way."""
import asyncio
import ctypes
import gc
import http.client
import json
import os

import etoauth
from etoauth import HANDLE, lib

CALLS, HOUR, LIST = 20, 3600, "/v1/accounts/list.json"
UNCERTAIN, HTTP = -44, -50
lib.etoauth_live_objects.restype = ctypes.c_size_t


def admin(path):
    connection = http.client.HTTPConnection(os.environ["SANDBOX_URL"].removeprefix("http://"))
    connection.request("GET", "/sandbox/" + path)
    response = connection.getresponse()
    assert response.status == 200, path
    return json.load(response)


def requests():
    return admin("state")["paths"].get(LIST, 0)


async def requests_reach(wanted):
    while requests() < wanted:
        await asyncio.sleep(0)


async def failure(call):
    try:
        await call
    except etoauth.Error as error:
        return error
    raise AssertionError("it succeeded")


async def logged_in(**arguments):
    client = etoauth.Client(2, os.environ["SANDBOX_KEY"], os.environ["SANDBOX_SECRET"], **arguments)
    handle, url, page = HANDLE(client.handle), os.environ["SANDBOX_URL"].encode(), HANDLE()
    assert lib.etoauth_client_set_base_urls(handle, url + b"/oauth", url + b"/authorize", url) == 0
    assert lib.etoauth_client_set_proxy(handle, b"") == 0
    await client.call(lib.etoauth_client_fetch_request_token)
    assert lib.etoauth_client_get_authorize_url(handle, ctypes.byref(page)) == 0
    address = ctypes.string_at(page.value).decode()
    assert lib.etoauth_string_free(page) == 0
    code = admin("approve?" + address[address.index("token="):])["oauth_verifier"]
    await client.call(lib.etoauth_client_fetch_access_token, code.encode())
    return client


async def each_has_its_own_end(client):
    """The errors are read on the loop's thread, on which no call was made."""
    for status, body in await asyncio.gather(*[client.send("GET", LIST) for _ in range(CALLS)]):
        assert status == 200 and b"accountId" in body
    letters = "abcdefghijklmnopqrstuvwxyz"[:CALLS]
    for letter in letters:
        admin(f"fault?on=/v1/{letter}&kind=problem&http=400&code=code_{letter}")
    errors = await asyncio.gather(*[failure(client.send("GET", f"/v1/{letter}")) for letter in letters])
    for letter, error in zip(letters, errors):
        assert error.status == HTTP and f"code_{letter}" in str(error), error


async def each_is_cancelled_by_itself(client):
    before = requests()
    admin(f"fault?on={LIST}&kind=stall&when=before&times={CALLS}")
    calls = [asyncio.create_task(client.send("GET", LIST, timeout=HOUR)) for _ in range(CALLS)]
    await requests_reach(before + CALLS)
    for number, call in enumerate(calls):
        call.cancel()
        error = await failure(call)
        assert error.status == UNCERTAIN and "cancelled" in str(error), error
        assert sum(other.done() for other in calls) == number + 1
    assert (await client.send("GET", LIST))[0] == 200
    # The time may be over before the request has left, or after it.
    admin("fault?on=/v1/late&kind=stall&when=before")
    try:
        await asyncio.wait_for(client.send("GET", "/v1/late", timeout=HOUR), 0.05)
        raise AssertionError("it succeeded")
    except asyncio.TimeoutError:
        pass
    except etoauth.Error as error:
        assert error.status == UNCERTAIN, error


async def one_that_has_not_begun(client):
    """The pool has one thread."""
    before = requests()
    admin(f"fault?on={LIST}&kind=stall&when=before")
    first = asyncio.create_task(client.send("GET", LIST, timeout=HOUR))
    await requests_reach(before + 1)
    second = asyncio.create_task(client.send("GET", LIST, timeout=HOUR))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    first.cancel()
    assert (await failure(first)).status == UNCERTAIN
    [result] = await asyncio.gather(second, return_exceptions=True)
    assert isinstance(result, asyncio.CancelledError), result
    assert requests() == before + 1


async def leave(client):
    """asyncio.run cancels the call that is left."""
    before = requests()
    admin(f"fault?on={LIST}&kind=stall&when=before")
    call = asyncio.create_task(client.send("GET", LIST, timeout=HOUR))
    await requests_reach(before + 1)
    return call


async def main():
    try:
        etoauth.Client(2, "", "secret")
        raise AssertionError("it succeeded")
    except etoauth.Error as error:
        assert error.status == -2 and "consumer_key" in str(error), error
    # One login at a time: the next one ends it.
    client = await logged_in()
    await each_has_its_own_end(client)
    await each_is_cancelled_by_itself(client)
    client.close()
    client = await logged_in(calls_at_once=1)
    await one_that_has_not_begun(client)
    client.close()
    assert lib.etoauth_live_objects() == 0
    return await leave(await logged_in())


call = asyncio.run(main())
assert call.exception().status == UNCERTAIN
del call
gc.collect()
assert lib.etoauth_live_objects() == 0
print("every call had its own end")
