// Takes the pictures of docs/sandbox.md: pictures.mjs DIRECTORY
import { rmSync } from "node:fs";
import { join } from "node:path";

import { Application, startBrowser, startSandbox } from "./sandbox.mjs";

const directory = process.argv[2];
const DESKTOP = { width: 1100, height: 800 };
const TALL = { width: 1100, height: 1300 };
const PHONE = { width: 375, height: 720 };
const CA_FILE = "/tmp/ca.pem";

// They are seen in the pictures.
const places = ["--port", "8080", "--tls-port", "8443", "--ca-file", CA_FILE];
const sandbox = await startSandbox("--application", "Portfolio Viewer", ...places);
const browser = await startBrowser();
const page = await browser.context.newPage();

async function look(size, colorScheme) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
}

async function shoot(name, options = {}) {
    // No caret blinks, and nothing has the focus that a reader would take for a part of the page.
    await page.evaluate(() => document.activeElement.blur());
    await page.screenshot({ path: join(directory, `${name}.png`), caret: "hide", ...options });
}

/** The card alone, with a margin. */
async function shootCard(name) {
    const { x, y, width, height } = await page.locator("main").boundingBox();
    await shoot(name, { clip: { x: x - 16, y: y - 16, width: width + 32, height: height + 32 } });
}

const application = new Application(sandbox);
await look(DESKTOP, "light");
await page.goto(await application.begin());
await page.getByLabel("User ID").fill("Ann");
await shootCard("page-logon");
await page.getByRole("button", { name: "Log on" }).click();
await page.getByRole("button", { name: "Accept" }).waitFor();
await shootCard("page-consent");
await page.getByRole("button", { name: "Accept" }).click();
await page.getByRole("textbox").waitFor();
await look(DESKTOP, "dark");
await shootCard("page-code-dark");
await look(PHONE, "light");
await page.goto(`${sandbox.url}/e/t/etws/authorize?${new URLSearchParams({ key: sandbox.consumer_key, token: "a b" })}`);
await shoot("page-failure-phone");

// A morning with an inactive spell, a second login, a mistake and an order.
await sandbox.admin("reset");
await sandbox.admin("clock?at=2026-03-06T08:10");
const ann = await new Application(sandbox).logIn("Ann");
await ann.send("/v1/accounts/list.json");
await sandbox.admin("clock?advance=9000");
await ann.send("/v1/accounts/list.json");
await ann.send("/oauth/renew_access_token");
await ann.send("/v1/accounts/list.json");
await new Application(sandbox).logIn("Bob");
await sandbox.admin("clock?advance=3600");
const bob = await new Application(sandbox).logIn("Bob");
await bob.placeOrder("order1");
await bob.send("/v1/accounts/list.json", { unsigned: "?count=5" });
await sandbox.admin("fault?kind=problem&code=token_expired&on=/v1&times=2");
await new Application(sandbox).begin();

await look(TALL, "light");
await page.goto(sandbox.url);
await page.locator("#requests summary", { hasText: "signature_invalid" }).click();
await page.evaluate(() => scrollTo(0, 0));
const { y: height } = await page.locator("section", { has: page.locator("#tokens-heading") }).boundingBox();
await shoot("dashboard", { clip: { x: 0, y: 0, width: TALL.width, height } });
await look(DESKTOP, "dark");
await page.locator("#tokens-heading").evaluate((heading) => heading.scrollIntoView());
await shoot("dashboard-dark");
await look(PHONE, "light");
await page.locator("#requests-heading").evaluate((heading) => heading.scrollIntoView());
await shoot("dashboard-phone");

await browser.close();
await sandbox.stop();
rmSync(CA_FILE);
