// What a user of the package writes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { etradeSandbox, startSandbox } from "etoauth-sandbox";
import OAuth from "oauth-1.0a";

function client({ url, consumerKey: key, consumerSecret: secret }) {
    const hash_function = (text, key) => createHmac("sha1", key).update(text).digest("base64");
    const oauth = OAuth({ consumer: { key, secret }, signature_method: "HMAC-SHA1", hash_function });
    return async (path, token, data) => {
        const signed = oauth.authorize({ url: url + path, method: "GET", data }, token);
        const response = await fetch(url + path, { headers: { ...oauth.toHeader(signed) } });
        return { status: response.status, text: await response.text() };
    };
}

const tokenOf = ({ text }) => {
    const form = new URLSearchParams(text);
    return { key: form.get("oauth_token"), secret: form.get("oauth_token_secret") };
};

test("login", async (t) => {
    const sandbox = await etradeSandbox(t);
    const get = client(sandbox);
    const request = tokenOf(await get("/oauth/request_token", undefined, { oauth_callback: "oob" }));
    const oauth_verifier = await sandbox.approve(request.key, "Ann");
    const access = tokenOf(await get("/oauth/access_token", request, { oauth_verifier }));
    assert.match((await get("/v1/accounts/list.json", access)).text, /accountIdKey/);
    await sandbox.admin("expire", { what: "day" });
    assert.equal((await get("/v1/accounts/list.json", access)).status, 401);
    await assert.rejects(sandbox.admin("clock", { at: "noon" }), /noon/);
});

test("a sandbox that does not start is an error", async () => {
    await assert.rejects(startSandbox("--port", "x"), /has ended with 2/);
});

test("the program is in the path", () => {
    assert.match(execFileSync("npx", ["--no", "--", "etoauth-sandbox", "--version"]).toString(), /etoauth-sandbox/);
});
