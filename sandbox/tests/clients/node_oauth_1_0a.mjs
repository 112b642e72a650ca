// npm's oauth-1.0a, which only signs; Node.js sends.
import { createHmac } from 'node:crypto';
import OAuth from 'oauth-1.0a';
import { env, key, page, secret, step, useApi } from './steps.mjs';

const base = env.ETOAUTH_SANDBOX_URL;
const oauth = new OAuth({
    consumer: { key, secret },
    signature_method: 'HMAC-SHA1',
    hash_function: (text, signingKey) => createHmac('sha1', signingKey).update(text).digest('base64'),
});
let token;

async function call(method, path, body, data) {
    const url = base + path;
    const headers = { ...oauth.toHeader(oauth.authorize({ method, url, data }, token)) };
    if (body) headers['Content-Type'] = 'application/json';
    const response = await fetch(url, { method, headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return text;
}

async function fetchToken(method, path, data) {
    const form = new URLSearchParams(await call(method, path, undefined, data));
    return { key: form.get('oauth_token'), secret: form.get('oauth_token_secret') };
}

token = await step('request token', () => fetchToken('POST', '/oauth/request_token', { oauth_callback: 'oob' }));
const code = await page(base, token.key);
token = await step('access token', () => fetchToken('POST', '/oauth/access_token', { oauth_verifier: code }));
await useApi(call);
for (const name of ['renew', 'revoke']) {
    await step(name, () => call('GET', `/oauth/${name}_access_token`));
}
