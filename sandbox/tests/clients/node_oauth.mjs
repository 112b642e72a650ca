// npm's oauth, which knows of no proxy: its URLs lead to the sandbox's port for TLS.
import oauth from 'oauth';
import { env, key, page, secret, step, useApi } from './steps.mjs';

const base = env.ETOAUTH_SANDBOX_TLS_URL;
const paths = ['request_token', 'access_token'].map((name) => `${base}/oauth/${name}`);
const client = new oauth.OAuth(...paths, key, secret, '1.0', 'oob', 'HMAC-SHA1');

// Its functions call back with an error, and with what they are for.
const promise = (begin) =>
    new Promise((resolve, reject) => begin((error, ...results) => (error ? reject(error) : resolve(results))));

const [token, tokenSecret] = await step('request token', () => promise((end) => client.getOAuthRequestToken(end)));
const code = await page(base, token);
const [access, accessSecret] = await step('access token', () =>
    promise((end) => client.getOAuthAccessToken(token, tokenSecret, code, end)));

async function call(method, path, body) {
    const url = base + path;
    const [text] = await promise((end) => method === 'GET'
        ? client.get(url, access, accessSecret, end)
        : client[method.toLowerCase()](url, access, accessSecret, body, 'application/json', end));
    return text;
}

await useApi(call);
for (const name of ['renew', 'revoke']) {
    await step(name, () => call('GET', `/oauth/${name}_access_token`));
}
