// The tokens, each on the time line of New York's day.
import { $, code, element, paragraph, span } from "./element.js";
import { hourAndMinute, inWords, timeOfDay } from "./time.js";

/** How many access tokens are shown. */
const MOST = 12;

export function showTokens({ day, tokens }, now) {
    const line = new TimeLine(day);
    $("axis").replaceChildren(...line.hours());
    const today = tokens.access.filter((token) => token.dies_at > day[0] && token.issued_at < day[1]);
    const shown = today.slice(-MOST).reverse().map((token) => accessToken(token, line, now));
    const others = tokens.access.length - shown.length;
    if (others > 0) shown.push(element("li", { className: "hint" }, `and ${others} more, of earlier logins`));
    if (shown.length === 0) shown.push(element("li", { className: "hint token" }, "Nobody has logged in yet."));
    $("tokens").replaceChildren(...shown);
    keepFocus($("pending"), tokens.request.map((token) => requestToken(token, now)));
}

class TimeLine {
    constructor([start, end]) {
        Object.assign(this, { start, end });
    }

    #percent(moment) {
        return 100 * Math.min(Math.max((moment - this.start) / (this.end - this.start), 0), 1);
    }

    mark(className, at) {
        const mark = span(className);
        mark.style.left = `${this.#percent(at)}%`;
        return mark;
    }

    bar(className, from, to) {
        const bar = this.mark(className, from);
        bar.style.width = `${this.#percent(to) - this.#percent(from)}%`;
        return bar;
    }

    /** Every third hour by its name, of which a day may lack one or have one twice. */
    hours() {
        const hours = [];
        const label = (at, text) => Object.assign(this.mark("", at), { textContent: text });
        for (let at = this.start; at < this.end; at += 3 * 3600) hours.push(label(at, hourAndMinute(at)));
        return [...hours, label(this.end, "24:00")];
    }
}

function standing({ withdrawn, idle_at, dies_at }, now) {
    if (withdrawn) return ["bad", `${withdrawn.reason} at ${timeOfDay(withdrawn.at)}`];
    if (now >= dies_at) return ["bad", "expired"];
    if (now >= idle_at) return ["warn", "inactive until it is renewed"];
    if (idle_at >= dies_at) return ["good", "active until midnight"];
    return ["good", `active until ${timeOfDay(idle_at)} unless it is used`];
}

const who = (person) => person || "Somebody";
const abridged = (token) => code(`${token.slice(0, 8)}…`);

function accessToken(token, line, now) {
    const { issued_at, dies_at, withdrawn } = token;
    const end = withdrawn ? withdrawn.at : dies_at;
    const idle_at = Math.min(token.idle_at, end);
    const bars = end <= now ? [line.bar("past", issued_at, end)]
        : [line.bar("active", issued_at, idle_at), line.bar("idle", idle_at, end)];
    bars.push(...token.idle_spells.map(([from, to]) => line.bar("idle spell", from, to)), line.mark("now", now));
    return element("li", { className: "token" },
        paragraph(span("", element("b", {}, who(token.person)), " ", abridged(token.token)),
            span(...standing(token, now))),
        element("div", { className: "track" }, ...bars));
}

function requestToken({ token, key, person, approved, expires_at }, now) {
    const query = new URLSearchParams({ key, token });
    const link = element("a", { href: `/e/t/etws/authorize?${query}` }, "Open the page");
    const state = approved ? [`approved by ${who(person)}, waits for the application`] : ["waits for a person. ", link];
    return element("li", { className: "token" },
        paragraph(span("", "Request token ", abridged(token), " ", ...state),
            span("", `${inWords(Math.max(expires_at - now, 0))} left`)));
}

/** Draws anew without taking the focus away from a link. */
function keepFocus(list, children) {
    const focused = list.contains(document.activeElement) ? document.activeElement.href : null;
    list.replaceChildren(...children);
    if (focused) [...list.querySelectorAll("a")].find((link) => link.href === focused)?.focus();
}
