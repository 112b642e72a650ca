// The last requests, and what became of each.
import { $, code, element, paragraph, span } from "./element.js";
import { timeOfDay } from "./time.js";

const MOODS = { accepted: "good", refused: "bad", unsigned: "" };

/** The rows by the requests' numbers, each with what it was made of. */
const rows = new Map();

export function showRequests({ requests: { requests }, counters }) {
    const wanted = requests.map((request) => [request.number, rowOf(request)]);
    rows.forEach((_, number) => {
        if (!requests.some((request) => request.number === number)) rows.delete(number);
    });
    wanted.forEach(([number, row]) => rows.set(number, row));
    arrange($("requests"), wanted.map(([, { row }]) => row));
    $("counters").textContent = requests.length === 0
        ? "No request has come yet. Requests for this page and under /sandbox are not shown."
        : `${counters.requests} requests, ${counters.refused} of them refused. The last ${requests.length}:`;
}

/** A row that need not change stays as it is, and keeps the focus. */
function rowOf(request) {
    const content = JSON.stringify(request);
    const before = rows.get(request.number);
    if (before?.content === content) return before;
    const details = element("details", { open: before?.row.firstChild.open ?? false }, summary(request), body(request));
    return { content, row: element("li", {}, details) };
}

function arrange(list, wanted) {
    for (const row of [...list.children]) if (!wanted.includes(row)) row.remove();
    wanted.forEach((row, place) => {
        if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
    });
}

function summary(request) {
    const { fault, http, problem } = request;
    const mood = MOODS[request.verdict] ?? "warn";
    // A fault that breaks the connection leaves no verdict.
    const verdict = problem ?? request.verdict ?? (fault && fault !== "hold" ? "no response" : "under way");
    return element("summary", {},
        span("time", timeOfDay(request.time)),
        span("method", request.method),
        element("code", { className: "path" }, request.path),
        span(`http ${mood}`, `${http ?? "–"}`),
        span(`verdict ${mood}`, ...breakable(verdict), fault && verdict !== "fault" ? ` (${fault})` : ""));
}

/** A code that is too long for its line is broken after an underscore. */
const breakable = (text) => text.split(/(?<=_)/).flatMap((part) => [part, element("wbr", {})]);

function body(request) {
    const { sentence, base_string: base, query, header, number, scheme, host, body_bytes, content_type } = request;
    const parts = [];
    if (sentence) {
        parts.push(element("p", { className: "aside" }, element("strong", {}, "The sandbox says: "), sentence));
    }
    const differs_at = base?.client ? base.differs_at : null;
    const compare = (name, text) => text && parts.push(...block(name, marked(text, differs_at)));
    compare("The base string that the client has signed", base?.client);
    compare("The base string that belongs to the request", base?.sandbox);
    if (query.length) parts.push(...block("Query", pairs(query)));
    if (header.length) parts.push(...block("Authorization header", pairs(header)));
    const entity = body_bytes ? `; a body of ${body_bytes} bytes, ${content_type || "of no type"}` : "";
    const line = `Request ${number}, over ${scheme}, to ${host || "no host"}${entity}`;
    return element("div", { className: "body" }, ...parts, element("p", { className: "hint" }, line));
}

const block = (name, content) => [paragraph(name), element("pre", { tabIndex: 0 }, content)];
const pairs = (list) => code(list.map((pair) => pair.join(" = ")).join("\n"));

/** The text with the character marked at which another begins to differ from it. */
function marked(text, place) {
    const characters = [...text];
    if (place === null || place >= characters.length) return code(text);
    const part = (from, to) => characters.slice(from, to).join("");
    return code(part(0, place), element("mark", {}, characters[place]), part(place + 1));
}
