/** Line charts of the last hour, as SVG. */

import { element, niceStep, number, svg } from "./dom.js";

const HEIGHT = 170;
const EDGE = { left: 46, right: 10, top: 10, bottom: 24 };
const HOUR = 3600;
/** A page that has just begun shows so much, for an hour would be one dot. */
const SHORTEST = 600;
const TICKS = 4;
/** Seconds between ticks that are whole minutes. */
const TICK_STEPS = [120, 300, 600, 900];

/** A chart that is drawn again with each answer, into the same holder. */
export class Chart {
    /** `series`: a list of {key, name, tone}. `threshold`: a line that is always in view. */
    constructor(parent, { title, unit, series, least = 1 }) {
        Object.assign(this, { title, unit, series, least });
        this.values = element("p", { class: "values" });
        this.holder = element("div", { class: "chart" });
        parent.append(element("figure", {},
            element("figcaption", {}, element("strong", {}, title), ` ${unit}`), this.values, this.holder));
        this.holder.addEventListener("pointermove", (event) => this.point(event));
        this.holder.addEventListener("pointerleave", () => this.tell(this.now));
    }

    /** `at`: seconds since 1970, a point each; `columns`: values by key, null where unknown; `now` by key. */
    draw({ at, columns, now, threshold, end }) {
        Object.assign(this, { at, columns, now, end });
        const width = Math.max(240, this.holder.clientWidth);
        const known = this.series.flatMap(({ key }) => columns[key]).filter((value) => value !== null);
        const highest = Math.max(this.least, threshold ?? 0, ...known);
        const step = niceStep(highest / TICKS);
        const top = step * Math.ceil((highest * 1.02) / step);
        const span = Math.min(HOUR, Math.max(SHORTEST, end - (at[0] ?? end)));
        const tick = TICK_STEPS.find((each) => span / each <= TICKS + 1);
        this.start = end - span;
        const inner = { width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
        this.x = (time) => EDGE.left + (inner.width * (time - this.start)) / span;
        const y = (value) => EDGE.top + inner.height * (1 - value / top);
        const picture = svg("svg", {
            viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": this.words(now),
        });
        for (let value = 0; value <= top + step / 2; value += step) {
            picture.append(
                svg("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }),
                svg("text", { class: "tick", x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, number(value)));
        }
        for (let time = Math.ceil(this.start / tick) * tick; time <= end; time += tick) {
            const text = new Date(time * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
            const x = Math.min(width - EDGE.right - 14, Math.max(EDGE.left + 14, this.x(time)));
            picture.append(svg("text", { class: "tick", x, y: HEIGHT - 6, "text-anchor": "middle" }, text));
        }
        if (threshold !== undefined) {
            picture.append(
                svg("line", { class: "threshold", x1: EDGE.left, x2: width - EDGE.right, y1: y(threshold), y2: y(threshold) }),
                svg("text", { class: "tick", x: EDGE.left + 4, y: y(threshold) - 4 }, `alert above ${threshold}`));
        }
        for (const { key, tone } of this.series) {
            picture.append(svg("path", { class: `series ${tone}`, d: this.path(columns[key], y) }));
        }
        this.cursor = svg("line", { class: "cursor", y1: EDGE.top, y2: HEIGHT - EDGE.bottom, visibility: "hidden" });
        picture.append(this.cursor);
        this.holder.replaceChildren(picture);
        this.tell(this.pointed === undefined ? now : this.valuesAt(this.pointed));
    }

    /** Unknown values break the line; a lone point is a dot, as line caps are round. */
    path(values, y) {
        let isBroken = true;
        return values.map((value, index) => {
            const isKnown = value !== null && this.at[index] >= this.start;
            const place = isKnown ? `${this.x(this.at[index]).toFixed(1)} ${y(value).toFixed(1)}` : "";
            const text = isKnown ? (isBroken ? `M${place}L${place}` : `L${place}`) : "";
            isBroken = !isKnown;
            return text;
        }).join("");
    }

    point(event) {
        const place = event.clientX - this.holder.getBoundingClientRect().left;
        const distance = (index) => Math.abs(this.x(this.at[index]) - place);
        const nearest = this.at?.reduce((best, _, index) => (distance(index) < distance(best) ? index : best), 0);
        if (this.at?.length) {
            this.pointed = nearest;
            this.tell(this.valuesAt(nearest));
        }
    }

    valuesAt(index) {
        return Object.fromEntries(this.series.map(({ key }) => [key, this.columns[key][index]]));
    }

    tell(values) {
        if (values === this.now) {
            this.pointed = undefined;
        }
        const time = this.pointed === undefined ? "" : new Date(this.at[this.pointed] * 1000).toLocaleTimeString("en-GB");
        this.values.replaceChildren(...this.series.map(({ key, name, tone }) =>
            element("span", { class: tone }, element("b", {}, number(values?.[key])), ` ${name}`)), time);
        this.cursor?.setAttribute("visibility", time ? "visible" : "hidden");
        if (time) {
            this.cursor.setAttribute("x1", this.x(this.at[this.pointed]));
            this.cursor.setAttribute("x2", this.x(this.at[this.pointed]));
        }
    }

    words(now) {
        const parts = this.series.map(({ key, name }) => `${name} ${number(now?.[key])}`);
        return `${this.title}, ${this.unit}, in the last hour; now ${parts.join(", ")}`;
    }
}
