// A host that ends while a call is under way, by koffi. The arguments are those of exits.py.
const assert = require("node:assert");
const koffi = require("koffi");
const readline = require("node:readline");

const [way, url, timeout] = process.argv.slice(2);
const library = koffi.load("libetoauth.so.1");
const declare = (name, parameters) => library.func(`int32_t etoauth_${name}(${parameters})`);
const TEXT = "const char *", BUFFER = "_Out_ uint8_t *";
const clientNew = declare("client_new", `int32_t, ${TEXT}, ${TEXT}, _Out_ uintptr_t *`);
const setBaseUrls = declare("client_set_base_urls", `uintptr_t, ${TEXT}, ${TEXT}, ${TEXT}`);
const setProxy = declare("client_set_proxy", `uintptr_t, ${TEXT}`);
const setAccessToken = declare("client_set_access_token", `uintptr_t, ${TEXT}, ${TEXT}, int64_t`);
const setTimeoutMs = declare("client_set_timeout_ms", "uintptr_t, uint32_t");
const send = declare(
  "client_send", `uintptr_t, ${TEXT}, ${TEXT}, ${TEXT}, const void *, size_t, _Out_ uintptr_t *`);
const cancel = declare("client_cancel", "uintptr_t");
const lastError = declare("last_error", `void *, ${BUFFER}, size_t, void *`);
const clientLastError = declare("client_last_error", `uintptr_t, void *, ${BUFFER}, size_t, void *`);

function sentence(ask) {
  const buffer = Buffer.alloc(512);
  assert.equal(ask(buffer), 0);
  return buffer.toString("utf8", 0, buffer.indexOf(0));
}

const out = [0];
assert.equal(clientNew(1, "key", "secret", out), 0);
const [client] = out;
assert(Number.isSafeInteger(client));
for (const status of [
  setBaseUrls(client, url, null, url), setProxy(client, ""), setAccessToken(client, "token", "secret", 0),
  setTimeoutMs(client, Number(timeout)),
]) assert.equal(status, 0);

const hook = () => {
  console.log("hook");
  assert.equal(cancel(client), 0);
};
send.async(client, "GET", "/v1/x", null, null, 0, [0], (failed, status) => {
  // The call ran on another thread: this one knows nothing of its error.
  assert.equal(sentence(buffer => lastError(null, buffer, 512, null)), "");
  console.log("ended", status, sentence(buffer => clientLastError(client, null, buffer, 512, null)));
});
const input = readline.createInterface({ input: process.stdin });
input.once("line", () => {
  input.close();
  console.log("leaving");
  if (way === "exit, on exit") process.on("exit", hook);
  if (way.startsWith("exit")) process.exit();
  if (way === "cancel") hook();
});
