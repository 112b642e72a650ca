// A sandbox with a browser beside it, and an application that logs in to it.
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// Modules are not looked for in NODE_PATH, where run.sh has put this one.
const { chromium } = createRequire(import.meta.url)("playwright-core");

export async function startSandbox(...options) {
    const process_ = spawn(process.env.ETOAUTH_SANDBOX, [...options, "--tally", "--until-stdin-closes"], {
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
    const noisy = ["quic", "background-networking", "component-update", "sync", "gpu"];
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM,
        args: ["--no-sandbox", "--no-first-run", ...noisy.map((what) => `--disable-${what}`)],
    });
    const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
    context.setDefaultTimeout(15_000);
    const plain = () => browser.newContext({ javaScriptEnabled: false });
    return { context, plain, close: () => browser.close() };
}

/** As RFC 5849 escapes. */
function escape(text) {
    const hex = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
    return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

/** An application with the sandbox's consumer key. */
export class Application {
    constructor(sandbox) {
        this.sandbox = sandbox;
        this.token = { oauth_token: "", oauth_token_secret: "" };
    }

    /** Sends a signed request; `unsigned` is a query that is left out of the signature. */
    async send(path, { method = "GET", extra = {}, unsigned = "", body, type } = {}) {
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
        const key = [this.sandbox.consumer_secret, this.token.oauth_token_secret].map(escape).join("&");
        const base = [method, url, pairs].map(escape).join("&");
        oauth.oauth_signature = createHmac("sha1", key).update(base).digest("base64");
        const header = Object.entries(oauth).map(([name, value]) => `${name}="${escape(value)}"`).join(",");
        const headers = { Authorization: `OAuth ${header}`, ...(type && { "Content-Type": type }) };
        return fetch(url + unsigned, { method, headers, body });
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

    /** Logs in for a person who approves without the page. */
    async logIn(person) {
        await this.begin();
        const approval = new URLSearchParams({ token: this.token.oauth_token, person });
        await this.finish((await this.sandbox.admin(`approve?${approval}`)).oauth_verifier);
        return this;
    }

    placeOrder(clientOrderId) {
        return this.send("/v1/accounts/sandboxAccount1/orders/place.json", {
            method: "POST",
            type: "application/json",
            body: JSON.stringify({ PlaceOrderRequest: { clientOrderId } }),
        });
    }
}

/** Collects what a page loads from elsewhere, and what goes wrong in it. */
export function complaints(page, url) {
    const found = [];
    page.on("request", (request) => { if (!request.url().startsWith(url)) found.push(request.url()); });
    page.on("pageerror", (error) => found.push(String(error)));
    page.on("console", (message) => { if (message.type() === "error") found.push(message.text()); });
    return found;
}

/** By how many pixels a page must be scrolled sideways. */
export function tooWide(page) {
    return page.evaluate(() => Math.max(document.documentElement.scrollWidth - innerWidth, 0));
}

/** The texts whose contrast with their ground is below WCAG's AA. */
export function faintTexts(page) {
    return page.evaluate(() => {
        const channels = (color) => color.match(/[\d.]+/g).map(Number);
        const light = (color) => channels(color).slice(0, 3)
            .map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const ground = (element) => {
            for (let at = element; at; at = at.parentElement) {
                const color = getComputedStyle(at).backgroundColor;
                if (channels(color)[3] !== 0) return color;
            }
            return "rgb(255, 255, 255)";
        };
        const contrast = (element) => {
            const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05);
        };
        const hasText = (element) => element.matches("input") ||
            [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        return [...document.body.querySelectorAll("*")]
            .filter((element) => element.checkVisibility() && hasText(element) && contrast(element) < 4.5)
            .map((element) => `${element.tagName} ${element.textContent} ${contrast(element).toFixed(2)}`);
    });
}
