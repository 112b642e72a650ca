// A sandbox with a browser beside it, and an application that logs in to it.
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// Modules are not looked for in NODE_PATH, where run.sh has put this one.
const { chromium } = createRequire(import.meta.url)("playwright-core");

export async function startSandbox(...options) {
    const process_ = spawn(process.env.ETOAUTH_SANDBOX, [...options, "--until-stdin-closes"], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    const facts = {};
    for await (const line of createInterface({ input: process_.stdout })) {
        if (line === "ready") break;
        const [name, value] = line.split(/=(.*)/s);
        facts[name] = value;
    }
    const stop = async () => {
        process_.stdin.end();
        await once(process_, "exit");
    };
    const admin = async (path) => (await fetch(`${facts.url}/sandbox/${path}`)).json();
    return { ...facts, stop, admin };
}

export async function startBrowser() {
    const quiet = ["quic", "background-networking", "component-update", "sync", "gpu"].map((what) => `--disable-${what}`);
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM,
        args: ["--no-sandbox", "--no-first-run", ...quiet],
    });
    const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
    const plain = () => browser.newContext({ javaScriptEnabled: false });
    return { context, plain, close: () => browser.close() };
}

const escape = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** An application with the sandbox's consumer key. */
export class Application {
    constructor(sandbox) {
        this.sandbox = sandbox;
        this.token = { oauth_token: "", oauth_token_secret: "" };
    }

    /** Sends a signed request. */
    async send(path, { method = "GET", extra = {}, secret, body, type } = {}) {
        const url = this.sandbox.url + path;
        const oauth = {
            oauth_consumer_key: this.sandbox.consumer_key,
            oauth_nonce: randomUUID(),
            oauth_signature_method: "HMAC-SHA1",
            oauth_timestamp: String((await this.sandbox.admin("clock")).clock),
            ...(this.token.oauth_token && { oauth_token: this.token.oauth_token }),
            ...extra,
        };
        const pairs = Object.entries(oauth).map((pair) => pair.map(escape).join("=")).sort().join("&");
        const key = [secret ?? this.sandbox.consumer_secret, this.token.oauth_token_secret].map(escape).join("&");
        const base = [method, url, pairs].map(escape).join("&");
        oauth.oauth_signature = createHmac("sha1", key).update(base).digest("base64");
        const header = Object.entries(oauth).map(([name, value]) => `${name}="${escape(value)}"`).join(",");
        const headers = { Authorization: `OAuth ${header}`, ...(type && { "Content-Type": type }) };
        return fetch(url, { method, headers, body });
    }

    async #take(path, extra) {
        const response = await this.send(path, { extra });
        const text = await response.text();
        if (!response.ok) throw new Error(text);
        this.token = Object.fromEntries(new URLSearchParams(text));
    }

    /** Gets a request token, and gives the address of the page for the person. */
    async begin() {
        this.token = { oauth_token: "", oauth_token_secret: "" };
        await this.#take("/oauth/request_token", { oauth_callback: "oob" });
        const query = new URLSearchParams({ key: this.sandbox.consumer_key, token: this.token.oauth_token });
        return `${this.sandbox.url}/e/t/etws/authorize?${query}`;
    }

    async finish(verifier) {
        await this.#take("/oauth/access_token", { oauth_verifier: verifier });
    }
}
