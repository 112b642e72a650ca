// Moments and lengths of time in words.

function inNewYork(options) {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone: "America/New_York", hourCycle: "h23", ...options });
    return (seconds) => format.format(seconds * 1000);
}

const minutes = { hour: "2-digit", minute: "2-digit" };
const seconds = { ...minutes, second: "2-digit" };
export const dayAndTime = inNewYork({ weekday: "short", day: "numeric", month: "short", year: "numeric", ...seconds });
export const timeOfDay = inNewYork(seconds);
export const hourAndMinute = inNewYork(minutes);

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** The two largest units of a length of time. */
export function inWords(length) {
    let left = Math.abs(Math.round(length));
    const parts = [];
    for (const [size, name] of UNITS) {
        if (left >= size) parts.push(`${Math.floor(left / size)} ${name}`);
        left %= size;
    }
    return parts.slice(0, 2).join(" ") || "0 s";
}
