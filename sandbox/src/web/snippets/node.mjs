import OAuth from "oauth-1.0a";
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline/promises";

const [url, key, secret] = ["@URL@", @KEY@, @SECRET@];

const oauth = OAuth({
    consumer: { key, secret },
    signature_method: "HMAC-SHA1",
    hash_function: (text, key) => createHmac("sha1", key).update(text).digest("base64"),
});
async function get(path, token, data) {
    const signed = oauth.authorize({ url: url + path, method: "GET", data }, token);
    return (await fetch(url + path, { headers: { ...oauth.toHeader(signed) } })).text();
}
async function getToken(path, token, data) {
    const form = new URLSearchParams(await get(path, token, data));
    return { key: form.get("oauth_token"), secret: form.get("oauth_token_secret") };
}

const request = await getToken("/oauth/request_token", undefined, { oauth_callback: "oob" });
console.log(`${url}/e/t/etws/authorize?key=${encodeURIComponent(key)}&token=${encodeURIComponent(request.key)}`);
const terminal = createInterface(process.stdin, process.stdout);
const oauth_verifier = await terminal.question("Code: ");
terminal.close();
const access = await getToken("/oauth/access_token", request, { oauth_verifier });
console.log(await get("/v1/accounts/list.json", access));
