// The page as a person and as a script meets it, in Chromium.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Application, complaints, faintTexts, startBrowser, startSandbox, tooWide } from "./sandbox.mjs";

let sandbox, browser, application, page;
let strays;

before(async () => {
    sandbox = await startSandbox("--application", "Portfolio Viewer");
    browser = await startBrowser();
    application = new Application(sandbox);
    page = await browser.context.newPage();
    strays = complaints(page, sandbox.url);
});

after(async () => {
    await browser?.close();
    await sandbox?.stop();
});

const active = (of = page) => of.evaluate(() => document.activeElement.id || document.activeElement.value);

test("with the keyboard alone, from the name to the code", async () => {
    await page.goto(await application.begin());
    assert.equal(await active(), "USER");
    await page.keyboard.type("Ann");
    await page.keyboard.press("Enter");
    await page.getByText("accounts of Ann").waitFor();
    assert.match(await page.locator("main").textContent(), /Portfolio Viewer/);
    await page.keyboard.press("Tab");
    assert.equal(await active(), "Accept");
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(ring, "solid", "the focus is seen");
    await page.keyboard.press("Enter");
    const code = await page.getByRole("textbox").inputValue();
    await application.finish(code);
    assert.equal((await application.send("/v1/accounts/list.json")).status, 200);
});

test("scripts for the real page find what they look for", async () => {
    await page.goto(await application.begin());
    await page.locator("input[name='USER']").fill("Ann");
    await page.locator("#logon_button").click();
    await page.locator("//input[@value='Accept']").click();
    // The three ways in which they read the code.
    const code = await page.locator("div > input[type='text']").getAttribute("value");
    assert.equal(await page.locator("input").inputValue(), code);
    assert.equal(await page.locator("#verifier").textContent(), code);
    assert.match(code, /^[A-HJ-NP-Z2-9]{5}$/, "letters that are not mistaken for each other");
});

test("the code is copied", async () => {
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, await page.getByRole("textbox").inputValue());
});

test("decline", async () => {
    await page.goto(`${await application.begin()}&USER=Ann`);
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByRole("heading", { name: "Declined" }).waitFor();
    await assert.rejects(application.finish("ABCDE"), /token_rejected/);
});

test("the countdown follows the sandbox's clock", async () => {
    await page.goto(`${await application.begin()}&USER=Ann`);
    await page.getByRole("timer").filter({ hasText: /[45]:\d\d left/ }).waitFor();
    await sandbox.admin("clock?advance=120");
    await page.getByRole("timer").filter({ hasText: /2:\d\d left/ }).waitFor();
    await sandbox.admin("clock?advance=300");
    await page.getByText("Expired by the sandbox’s clock").waitFor();
    await page.getByRole("button", { name: "Accept" }).click();
    await page.getByText("Due to a logon delay or other issue").waitFor();
    await page.getByText(/expired \d+ s ago/).waitFor();
    await sandbox.admin("clock?offset=0");
});

test("a phone shows all of it, in every state", async () => {
    const phone = await browser.context.newPage();
    await phone.setViewportSize({ width: 320, height: 568 });
    const fits = async (what) => {
        assert.equal(await tooWide(phone), 0, what);
        for (const control of await phone.locator("main button:visible, main input:visible").all()) {
            assert.ok((await control.boundingBox()).height >= 44, `${what}: a control is too small for a thumb`);
        }
    };
    await phone.goto(await application.begin());
    await fits("Log on");
    await phone.getByLabel("User ID").fill("A".repeat(64));
    await phone.getByRole("button", { name: "Log on" }).click();
    await phone.getByRole("button", { name: "Accept" }).waitFor();
    await fits("consent");
    await phone.getByRole("button", { name: "Accept" }).click();
    await phone.getByRole("textbox").waitFor();
    await fits("the code");
    await phone.goto(`${sandbox.url}/e/t/etws/authorize?key=x`);
    await fits("the failure");
    await phone.close();
});

test("texts can be read in light and in dark", async () => {
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.goto(`${await application.begin()}&USER=Ann`);
        assert.deepEqual(await faintTexts(page), [], colorScheme);
        await page.getByRole("button", { name: "Accept" }).click();
        await page.getByRole("textbox").waitFor();
        assert.deepEqual(await faintTexts(page), [], colorScheme);
    }
});

test("without JavaScript", async () => {
    const plain = await browser.plain();
    const tab = await plain.newPage();
    await tab.goto(await application.begin());
    await tab.getByLabel("User ID").fill("Ann");
    await tab.getByRole("button", { name: "Log on" }).click();
    await tab.getByText("Valid until").waitFor();
    await tab.getByRole("button", { name: "Accept" }).click();
    const code = await tab.getByRole("textbox").inputValue();
    assert.equal(await tab.getByRole("button").count(), 0, "no button that does nothing");
    await application.finish(code);
    await plain.close();
});

test("Accept leads to a registered callback", async () => {
    const other = await startSandbox("--callback", `${sandbox.url}/e/t/etws/authorize?done=1`);
    const tab = await browser.context.newPage();
    await tab.goto(`${await new Application(other).begin()}&USER=Ann`);
    await tab.getByRole("button", { name: "Accept" }).click();
    await tab.waitForURL(/done=1&oauth_token=.+&oauth_verifier=.+/);
    await tab.close();
    await other.stop();
});

test("nothing was loaded from elsewhere, and nothing went wrong", () => assert.deepEqual(strays, []));
