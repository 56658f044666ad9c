/** The form for the JSON of one row, for a trainer without a view of its own. */

import { ask, post } from "./api.js";
import { bars, byId, colourOf, element, percent, swatch } from "./dom.js";
import { OneAtATime } from "./working.js";

/** A predicted value. The page's other numbers have three digits. */
const VALUE = { maximumSignificantDigits: 6 };
/** Statuses that say that the text is wrong. */
const REFUSALS = [400, 413, 422];

export function start() {
    return new TryIt();
}

class TryIt extends OneAtATime {
    constructor() {
        super();
        byId("try-form").addEventListener("submit", (event) => {
            event.preventDefault();
            this.run(() => this.predict());
        });
        byId("row").addEventListener("keydown", (event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                byId("try-form").requestSubmit();
            }
        });
        byId("sample").addEventListener("click", () => this.run(() => this.takeSample()));
        this.run(() => this.takeSample());
    }

    async takeSample() {
        this.clear();
        const { signal } = this;
        const sample = await ask("/sample", { signal });
        byId("row").value = written(sample);
    }

    async predict() {
        this.clear();
        this.say("Asking …");
        const { signal } = this;
        try {
            const answer = await post("/predict", byId("row").value, signal);
            this.say("");
            byId("answer").replaceChildren(...shown(answer));
        } catch (error) {
            byId("row").setAttribute("aria-invalid", String(REFUSALS.includes(error.status)));
            throw error;
        }
    }

    clear() {
        this.say("");
        byId("row").removeAttribute("aria-invalid");
        byId("answer").replaceChildren();
    }

    say(text, tone = "") {
        byId("try-message").textContent = text;
        byId("try-message").className = tone;
    }
}

/** A class with its probabilities, or else the answer's value. */
function shown(answer) {
    const { class: label, probabilities, value, version } = answer;
    const by = version ? element("span", { class: "quiet" }, ` by version ${version}`) : "";
    if (label !== undefined) {
        const likely = Object.entries(probabilities ?? {}).sort(([, one], [, other]) => other - one);
        return [
            element("p", {}, swatch(label), " ", element("strong", {}, label), by),
            bars(likely.map(([name, value]) => ({ name, value, text: percent(value), colour: colourOf(name) })), 1),
        ];
    }
    if (value !== undefined) {
        return [element("p", {}, element("strong", {}, typeof value === "number" ? value.toLocaleString("en-GB", VALUE) : written(value)), by)];
    }
    return [element("pre", {}, written(answer))];
}

/** JSON with a line for each field. A list of numbers stays on one line, however long it is. */
function written(value, indent = "") {
    const isObject = typeof value === "object" && value !== null;
    if (!isObject || (Array.isArray(value) && value.every((each) => typeof each !== "object"))) {
        return JSON.stringify(value);
    }
    const inner = `${indent}  `;
    const parts = Array.isArray(value) ? value.map((each) => written(each, inner))
        : Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${written(each, inner)}`);
    const [open, close] = Array.isArray(value) ? "[]" : "{}";
    return parts.length ? `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}` : open + close;
}
