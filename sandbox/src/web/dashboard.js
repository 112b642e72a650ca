// What happens in the sandbox, as it happens.
import { $, code, element } from "./element.js";
import { showRequests } from "./requests.js";
import { dayAndTime, inWords } from "./time.js";
import { showTokens } from "./tokens.js";

// What the clock changes

let snapshot = null;

function showTime() {
    if (!snapshot) return;
    const { offset } = snapshot;
    const now = Date.now() / 1000 + offset;
    $("clock").textContent = `${dayAndTime(now)} New York`;
    const apart = `${inWords(offset)} ${offset > 0 ? "ahead of" : "behind"} this machine`;
    $("offset").textContent = offset === 0 ? "This machine’s time" : apart;
    showTokens(snapshot, now);
}

// What else changes

function showFaults({ faults }) {
    const line = ({ query, times, after }) => {
        const spared = after ? `, after ${after} more` : "";
        const often = `${times} ${times === 1 ? "time" : "times"}`;
        return element("li", {}, code(query.replaceAll("%2F", "/")), ` ${often}${spared}`);
    };
    $("faults").replaceChildren(...faults.map(line));
}

function showOrders({ orders }) {
    const row = (tag, texts) => element("tr", {}, ...texts.map((text) => element(tag, {}, `${text ?? "–"}`)));
    $("order-columns").replaceChildren(row("th", Object.keys(orders[0] ?? {})));
    $("orders").replaceChildren(...orders.map((order) => row("td", Object.values(order))));
    $("no-orders").hidden = orders.length > 0;
}

const events = new EventSource("/sandbox/events");
events.addEventListener("message", ({ data }) => {
    snapshot = JSON.parse(data);
    $("live").textContent = "Live";
    showTime();
    showRequests(snapshot);
    showFaults(snapshot);
    showOrders(snapshot);
});
events.addEventListener("error", () => { $("live").textContent = "Not connected: the sandbox does not answer."; });
setInterval(showTime, 1000);

// What the buttons do

let silence;

function say(text, milliseconds) {
    $("said").textContent = text;
    clearTimeout(silence);
    silence = setTimeout(() => { $("said").textContent = ""; }, milliseconds);
}

async function act(path) {
    const response = await fetch(`/sandbox/${path}`, { method: "POST" }).catch(() => null);
    const { error } = await response?.json() ?? { error: "the sandbox does not answer" };
    if (error) say(`Not done: ${error}.`, 8000);
    else say("Done.", 2000);
}

for (const button of document.querySelectorAll("button[data-act]")) {
    button.addEventListener("click", () => act(button.dataset.act));
}
for (const form of document.querySelectorAll("form[data-act]")) {
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const { act: path } = form.dataset;
        const { value } = form.querySelector("input");
        act(path + (path.endsWith("=") ? encodeURIComponent(value) : value));
    });
}
$("preset").addEventListener("change", () => { $("fault").value = $("preset").value; });
