/** Elements and words. Text is only ever set as text, so nothing from outside becomes markup. */

const SVG = "http://www.w3.org/2000/svg";
const UNKNOWN = "–";

/** Of what is no class of the serving model. */
const OTHER = "#999999";
let colours = {};

export function byId(id) {
    return document.getElementById(id);
}

/** An element with attributes and children; null children are left out, others become text. */
export function element(name, attributes = {}, ...children) {
    return filled(document.createElement(name), attributes, children);
}

/** What Markdown was taken apart to: texts, and elements as name, children and, of a link, its address. */
export function elements(nodes) {
    return nodes.map((node) => typeof node === "string" ? node
        : element(node[0], node[2] ? { href: node[2], rel: "noopener noreferrer" } : {}, ...elements(node[1])));
}

/**
 * The address of a path of this host. The page's own may hold the credentials that it was opened with
 * (user:password@host/status), and such addresses are not fetched; the browser sends them by itself.
 */
export function address(path) {
    return new URL(path, location.origin);
}

export function svg(name, attributes = {}, ...children) {
    return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
        if (value !== undefined && value !== false) {
            node.setAttribute(key, value);
        }
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
}

const shown = new Map();

/** Fills an element when what it shows has changed, so that a selection in it and its focus stay. */
export function show(id, content, build) {
    const text = JSON.stringify(content);
    if (shown.get(id) !== text) {
        shown.set(id, text);
        byId(id).replaceChildren(...[build(content)].flat(Infinity));
    }
}

/** The colours of the serving model's classes, by name; the figures of its training have the same. */
export function setColours(found) {
    colours = found;
}

export function colourOf(label) {
    return colours[label] ?? OTHER;
}

export function swatch(label) {
    const mark = element("span", { class: "swatch" });
    mark.style.background = colourOf(label);
    return mark;
}

/** Three significant digits, with thousands apart. */
export function number(value, digits = 3) {
    if (value === null || value === undefined || !Number.isFinite(value)) {
        return UNKNOWN;
    }
    if (Number.isInteger(value) || Math.abs(value) >= 1000) {
        return Math.round(value).toLocaleString("en-GB");
    }
    return String(Number(value.toPrecision(digits)));
}

export function percent(share) {
    return Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : UNKNOWN;
}

/** "3 min", "2 days": the largest unit that gives at least 1. */
export function duration(seconds) {
    if (!Number.isFinite(seconds)) {
        return UNKNOWN;
    }
    for (const [unit, length] of [["days", 86400], ["h", 3600], ["min", 60]]) {
        if (seconds >= length * (unit === "days" ? 2 : 1)) {
            const count = unit === "h" && seconds < 36000 ? (seconds / length).toFixed(1) : Math.floor(seconds / length);
            return `${count} ${unit}`;
        }
    }
    return `${Math.max(0, Math.round(seconds))} s`;
}

export function ago(seconds) {
    return Number.isFinite(seconds) ? `${duration(seconds)} ago` : UNKNOWN;
}

/** A moment, in the reader's time zone; the full one when it is pointed at. */
export function moment(time) {
    const date = new Date(typeof time === "number" ? time * 1000 : time);
    if (Number.isNaN(date.getTime())) {
        return element("span", {}, String(time ?? UNKNOWN));
    }
    const text = date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    return element("time", { datetime: date.toISOString(), title: date.toISOString() }, text);
}

/** The beginning of a hash, and a button that copies all of it. */
export function hash(value) {
    if (!value) {
        return UNKNOWN;
    }
    const button = element("button", { type: "button", class: "copy", title: `Copy ${value}` }, "copy");
    button.addEventListener("click", async () => {
        // Browsers have no clipboard for pages without TLS on other hosts than localhost.
        const copied = await navigator.clipboard?.writeText(value).then(() => true, () => false);
        button.textContent = copied ? "copied" : value;
    });
    return element("span", {}, element("code", { title: value }, value.slice(0, 12)), " ", button);
}

/** A table; `rows` are lists of cells, as long as `heads`. Each cell knows its head, for narrow screens. */
export function table(caption, heads, rows) {
    const cells = (row) => row.map((cell, at) => element("td", { "data-head": heads[at] }, cell ?? UNKNOWN));
    return element("table", {},
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
        element("tbody", {}, rows.map((row) => element("tr", {}, cells(row)))));
}

/** Pairs of a name and what belongs to it. */
export function facts(pairs) {
    return element("dl", { class: "facts" }, pairs.map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, value ?? UNKNOWN))));
}

/** A horizontal bar for each item {name, value, text, colour}; `most` is the value of a full bar. */
export function bars(items, most) {
    return element("ul", { class: "bars" }, items.map(({ name, value, text, colour, isBad }) => {
        const bar = element("span", { class: isBad ? "bar bad" : "bar" });
        bar.style.width = `${Math.min(100, (100 * value) / (most || 1))}%`;
        bar.style.background = colour ?? "";
        return element("li", {}, element("span", { class: "name", title: name }, name),
            element("span", { class: "track" }, bar), element("span", { class: "value" }, text));
    }));
}

/** The least of 1, 2 or 5 times a power of ten that is not below this. */
export function niceStep(least) {
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 5, 10].find((factor) => factor * power >= least) * power;
}
