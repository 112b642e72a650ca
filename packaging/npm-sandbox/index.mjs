// A simulated E*TRADE on your own machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("bin/etoauth-sandbox", import.meta.url));

/** Starts a sandbox with these options of its command line. */
export async function startSandbox(...options) {
    const stdio = ["pipe", "pipe", "inherit"];
    const child = spawn(PROGRAM, [...options, "--json", "--until-stdin-closes"], { stdio });
    const failed = once(child, "close").then(([code]) => {
        throw new Error(`etoauth-sandbox has ended with ${code}`);
    });
    const [line] = await Promise.race([once(createInterface(child.stdout), "line"), failed]);
    failed.catch(() => {});
    return new Sandbox(child, JSON.parse(line));
}

/** A sandbox for a test, with which it ends. */
export async function etradeSandbox(test, ...options) {
    const sandbox = await startSandbox(...options);
    test.after(() => sandbox.stop());
    return sandbox;
}

class Sandbox {
    #child;

    constructor(child, facts) {
        this.#child = child;
        this.url = facts.url;
        this.tlsUrl = facts.tls_url;
        this.caFile = facts.ca_file;
        this.consumerKey = facts.consumer_key;
        this.consumerSecret = facts.consumer_secret;
    }

    /** What a path under /sandbox answers. */
    async admin(path, parameters = {}) {
        const response = await fetch(`${this.url}/sandbox/${path}?${new URLSearchParams(parameters)}`);
        const answer = await response.json();
        if (!response.ok) throw new Error(answer.error);
        return answer;
    }

    /** A person approves this request token: the verification code. */
    async approve(token, person = "") {
        return (await this.admin("approve", { token, person })).oauth_verifier;
    }

    async stop() {
        const ended = once(this.#child, "close");
        this.#child.stdin.end();
        await ended;
    }
}
