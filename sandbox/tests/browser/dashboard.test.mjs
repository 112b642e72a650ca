// The dashboard as a developer meets it, in Chromium.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Application, complaints, faintTexts, startBrowser, startSandbox, tooWide } from "./sandbox.mjs";

let sandbox, browser, page, strays;
const login = (person) => new Application(sandbox).logIn(person);
const row = (text) => page.locator("#requests > li", { hasText: text }).first();

before(async () => {
    sandbox = await startSandbox();
    browser = await startBrowser();
    page = await browser.context.newPage();
    strays = complaints(page, sandbox.url);
    await page.goto(sandbox.url);
    await page.getByText("Live", { exact: true }).waitFor();
});

after(async () => {
    await browser?.close();
    await sandbox?.stop();
});

test("requests appear without a reload, refusals with their reason", async () => {
    await page.getByText("No request has come yet").waitFor();
    const ann = await login("Ann");
    await ann.send("/v1/accounts/list.json");
    await row("/v1/accounts/list.json").getByText("accepted").waitFor();
    await ann.send("/v1/market/quote/A.json", { extra: { oauth_version: "2.0" } });
    await row("/v1/market/quote/A.json").getByText("version_rejected").click();
    await row("/v1/market/quote/A.json").getByText("must be 1.0").waitFor();
    // It stays open when another request comes.
    await ann.send("/v1/%3Cimg%20src=x%20onerror=alert(1)%3E.json");
    await row("img").waitFor();
    assert.ok(await row("/v1/market/quote/A.json").getByText("must be 1.0").isVisible());
    assert.equal(await page.locator("#requests img").count(), 0);
});

test("a wrong signature is compared with the right one", async () => {
    await (await login("Ann")).send("/v1/accounts/list.json", { unsigned: "?count=5" });
    const refused = row("signature_invalid");
    await refused.locator("summary").click();
    await refused.getByText("parameters of the URL's query were not signed").waitFor();
    assert.deepEqual(await refused.locator("mark").allTextContents(), ["o", "c"]);
});

test("the dashboard's own requests are not counted, and meet no fault", async () => {
    const { requests } = await sandbox.admin("state");
    await sandbox.admin("fault?kind=status&http=500");
    const other = await browser.context.newPage();
    assert.equal((await other.goto(sandbox.url)).status(), 200);
    await other.getByText("Live", { exact: true }).waitFor();
    await other.close();
    const after = await sandbox.admin("state");
    assert.deepEqual([after.requests, after.faults], [requests, 1]);
    await sandbox.admin("reset");
});

test("the clock's buttons and words", async () => {
    const offset = async () => (await sandbox.admin("clock")).offset;
    const shows = (words) => page.locator("#offset", { hasText: words }).waitFor();
    await page.getByRole("button", { name: "+ 2 hours" }).click();
    await shows("2 h ahead of this machine");
    assert.equal(await offset(), 7200);
    await page.getByRole("button", { name: "23:59" }).click();
    await page.locator("#clock", { hasText: "23:59:" }).waitFor();
    await page.getByRole("button", { name: "Past midnight" }).click();
    await page.locator("#clock", { hasText: "00:00:" }).waitFor();
    await page.getByLabel("Set to").fill("2026-03-08T01:59:58");
    await page.keyboard.press("Enter");
    // The hour that the change to summer time skips.
    await page.locator("#clock", { hasText: "Sun, 8 Mar 2026, 03:00" }).waitFor();
    await page.getByLabel("Set to").fill("noon");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.getByText("Not done: noon is neither").waitFor();
    await page.getByRole("button", { name: "This machine’s time" }).click();
    await shows("This machine’s time");
    await page.getByRole("button", { name: "Skew of 6 minutes" }).click();
    await shows("6 min ahead");
    await sandbox.admin("reset");
});

test("a fault is armed, listed and met", async () => {
    const ann = await login("Ann");
    await page.getByLabel("What the next request will meet").selectOption({ label: "The rate limit" });
    await page.getByRole("button", { name: "Arm" }).click();
    await page.locator("#faults", { hasText: "kind=problem" }).waitFor();
    assert.equal((await ann.send("/v1/accounts/list.json")).status, 400);
    await page.locator("#faults li").waitFor({ state: "detached" });
    await page.locator("#fault").fill("kind=none");
    await page.getByRole("button", { name: "Arm" }).click();
    await page.getByText("Not done: none is no kind of fault").waitFor();
});

test("every fault that is offered can be armed", async () => {
    const faults = await page.locator("#preset option").evaluateAll((all) => all.map((option) => option.value));
    for (const fault of faults) {
        assert.ok((await sandbox.admin(`fault?${fault}`)).faults, fault);
    }
    await sandbox.admin("reset");
});

test("what is held is released", async () => {
    const ann = await login("Ann");
    await sandbox.admin("fault?kind=hold");
    const held = ann.send("/v1/accounts/list.json");
    await row("/v1/accounts/list.json").getByText("under way").waitFor();
    await page.getByRole("button", { name: "Release what is held" }).click();
    assert.equal((await held).status, 200);
    await row("/v1/accounts/list.json").getByText("accepted").waitFor();
});

test("tokens on the day", async () => {
    await sandbox.admin("reset");
    await sandbox.admin("clock?at=2026-03-06T12:00");
    const bob = await login("Bob");
    const token = page.locator("#tokens li", { hasText: "Bob" });
    await token.getByText(/active until 14:00:\d\d unless it is used/).waitFor();
    const bar = await token.locator(".active").boundingBox();
    const track = await token.locator(".track").boundingBox();
    assert.ok(Math.abs((bar.x - track.x) / track.width - 12 / 24) < 0.01, "the bar begins at noon");
    assert.ok(Math.abs(bar.width / track.width - 2 / 24) < 0.01, "and is two hours long");
    await page.getByRole("button", { name: "Make access tokens inactive" }).click();
    await token.getByText("inactive until it is renewed").waitFor();
    await bob.send("/oauth/renew_access_token");
    await token.getByText("active until 14:00").waitFor();
    await login("Bob");
    await page.locator("#tokens").getByText(/replaced at 12:00/).waitFor();
    await page.getByRole("button", { name: "End access tokens" }).click();
    await page.locator("#tokens").getByText("expired").waitFor();
    await sandbox.admin("clock?at=midnight");
    await page.getByText("and 2 more, of earlier logins").waitFor();
});

test("a pending request token leads to the page", async () => {
    const application = new Application(sandbox);
    await application.begin();
    await page.getByRole("link", { name: "Open the page" }).click();
    await page.getByLabel("User ID").waitFor();
    await page.goBack();
    await page.getByText("Live", { exact: true }).waitFor();
});

test("orders appear", async () => {
    const ann = await login("Ann");
    await ann.placeOrder("order42");
    await page.locator("#orders tr", { hasText: "order42" }).waitFor();
});

test("secrets are not shown", async () => {
    const application = new Application(sandbox);
    await application.begin();
    const approval = new URLSearchParams({ token: application.token.oauth_token });
    const { oauth_verifier } = await sandbox.admin(`approve?${approval}`);
    const secrets = [application.token.oauth_token_secret, oauth_verifier];
    await application.finish(oauth_verifier);
    secrets.push(application.token.oauth_token_secret);
    const events = await fetch(`${sandbox.url}/sandbox/events`);
    const { value } = await events.body.getReader().read();
    const told = new TextDecoder().decode(value);
    assert.ok(told.includes(application.token.oauth_token));
    for (const secret of secrets) assert.ok(!told.includes(secret) && !told.includes(encodeURIComponent(secret)));
});

test("the snippets do what they say", async () => {
    await sandbox.admin("reset");
    const snippets = await page.locator("pre").allTextContents();
    assert.ok(snippets.length >= 5 && !snippets.some((text) => /@[A-Z_]+@/.test(text)));
    const commands = await page.locator("#curl").textContent();
    const curl = execFileSync("sh", ["-c", commands], { stdio: ["ignore", "pipe", "ignore"] });
    assert.match(curl.toString(), /"connections".*oauth_problem=/s);

    // Beside the package that it imports.
    const directory = mkdtempSync(join(process.env.NODE_PATH, "..", "snippet-"));
    const program = join(directory, "snippet.mjs");
    writeFileSync(program, await page.locator("#node").textContent());
    const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (text) => {
        said += text;
        const token = said.match(/&token=(\S+)\n/)?.[1];
        if (token && !child.stdin.writableEnded) {
            const typed = ({ oauth_verifier }) => child.stdin.end(`${oauth_verifier}\n`);
            sandbox.admin(`approve?token=${token}`).then(typed);
        }
    });
    await once(child, "exit");
    rmSync(directory, { recursive: true });
    assert.match(said, /accountIdKey/);
});

test("a hostile page in the same browser does no harm", async (t) => {
    const attack = `<!DOCTYPE html><iframe src="${sandbox.url}/"></iframe>
        <img src="${sandbox.url}/sandbox/clock?advance=1">
        <form method="post" action="${sandbox.url}/sandbox/clock?advance=2"><button>Win</button></form>
        <script>(async () => {
            for (const mode of ["no-cors", "cors"]) {
                await fetch("${sandbox.url}/sandbox/clock?advance=4", { method: "POST", mode }).catch(() => {});
            }
            const read = await fetch("${sandbox.url}/").then((page) => page.text()).catch(() => "nothing");
            document.title = "read " + read;
        })();</script>`;
    const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(attack));
    server.listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    const before = (await sandbox.admin("clock")).offset;
    const tab = await browser.context.newPage();
    await tab.goto(`http://localhost:${server.address().port}/`);
    await tab.waitForFunction(() => document.title.startsWith("read "));
    assert.equal(await tab.title(), "read nothing");
    assert.equal(await tab.frames()[1].locator("#clients").count(), 0, "it cannot be framed");
    await tab.getByRole("button", { name: "Win" }).click();
    await tab.getByText("another site's page").waitFor();
    assert.equal((await sandbox.admin("clock")).offset, before);
    await tab.close();
});

test("light, dark and on a phone", async () => {
    await page.locator("#requests summary").first().click();
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await faintTexts(page), [], colorScheme);
    }
    await page.setViewportSize({ width: 320, height: 568 });
    assert.equal(await tooWide(page), 0);
});

test("without JavaScript it says how to point a client here", async () => {
    const plain = await browser.plain();
    const tab = await plain.newPage();
    await tab.goto(sandbox.url);
    await tab.getByText("Without JavaScript").waitFor();
    assert.equal(await tab.locator("#url").textContent(), sandbox.url);
    await plain.close();
});

test("nothing was loaded from elsewhere, and nothing went wrong", () => {
    // What the tests mistyped on purpose is logged by the browser.
    assert.deepEqual(strays.filter((text) => !text.includes("400 (Bad Request)")), []);
});
