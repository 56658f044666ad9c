/** A seismic section on a canvas: time downwards, traces side by side, classes as bars above. */

import { colourOf, niceStep } from "/status/static/dom.js";
import { density, drawTimes, EDGE, prepared, wiggle } from "./drawing.js";

const HEIGHT = 520;
const ROW = 15;
const BAR = 12;
const LABEL_WIDTH = 46;
/** Closer wiggles would run into each other. */
const WIGGLE_SPACING = 5;
/** In neither palette nor a class's colour; sections are white in the dark too. */
const CHOSEN = "#d6007f";
const SAMPLED = 200_000;

/**
 * Traces as the service sends them: `amplitudes` is one Float32Array, `samples` a trace, with the numbers and
 * labels of each trace in lists beside it.
 */
export class Gather {
    constructor(answer) {
        const bytes = Uint8Array.from(atob(answer.data), (character) => character.charCodeAt(0));
        Object.assign(this, answer, { amplitudes: new Float32Array(bytes.buffer), count: answer.index.length });
        this.stepMs = answer.interval_us / 1000;
    }

    amplitudesOf(index) {
        return this.amplitudes.subarray(index * this.samples, (index + 1) * this.samples);
    }

    isFinite(index) {
        return this.amplitudesOf(index).every(Number.isFinite);
    }

    /** The absolute amplitude below which this share (in %) of the samples lies; 1 where there is none. */
    clip(percentile) {
        const stride = Math.max(1, Math.floor(this.amplitudes.length / SAMPLED));
        const sampled = [];
        for (let at = 0; at < this.amplitudes.length; at += stride) {
            if (Number.isFinite(this.amplitudes[at])) {
                sampled.push(Math.abs(this.amplitudes[at]));
            }
        }
        const sorted = Float32Array.from(sampled).sort();
        return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100))] || 1;
    }
}

export class SectionView {
    /** `onSelect` and `onPoint` get the index of a trace; the latter the sample too, or nothing at all. */
    constructor(canvas, onSelect, onPoint) {
        Object.assign(this, { canvas, onSelect, onPoint, palette: "rwb", percentile: 99, hasWiggles: false });
        this.selected = 0;
        canvas.addEventListener("pointermove", (event) => this.onPoint(...this.placeOf(event)));
        canvas.addEventListener("pointerleave", () => this.onPoint());
        canvas.addEventListener("click", (event) => this.onSelect(this.placeOf(event)[0]));
        canvas.addEventListener("keydown", (event) => this.step(event));
        new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
    }

    show(gather, selected) {
        Object.assign(this, { gather, selected, classes: [], image: undefined });
        this.draw();
    }

    step(event) {
        const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
        if (step !== undefined && this.gather) {
            event.preventDefault();
            this.onSelect(Math.min(this.gather.count - 1, Math.max(0, this.selected + step)));
        }
    }

    placeOf(event) {
        const box = this.canvas.getBoundingClientRect();
        const within = (value, count) => Math.min(count - 1, Math.max(0, Math.floor(value)));
        const { left, top, width, height } = this.area;
        return [
            within(((event.clientX - box.left - left) / width) * this.gather.count, this.gather.count),
            within(((event.clientY - box.top - top) / height) * this.gather.samples, this.gather.samples),
        ];
    }

    draw() {
        if (!this.gather || !this.canvas.parentElement.clientWidth) {
            return;
        }
        const { gather } = this;
        const width = this.canvas.parentElement.clientWidth;
        const context = prepared(this.canvas, width, HEIGHT);
        const hasLabels = gather.labels.some(Boolean);
        const bars = 1 + (hasLabels ? 1 : 0);
        const top = 2 * ROW + bars * (BAR + 3) + 4;
        this.area = { left: EDGE.left, top, width: width - EDGE.left - EDGE.right, height: HEIGHT - top - EDGE.bottom };
        this.column = this.area.width / gather.count;
        this.limit = gather.clip(this.percentile);
        this.drawDensity(context);
        if (this.hasWiggles) {
            this.drawWiggles(context);
        }
        drawTimes(context, this.area, gather);
        this.drawNumbers(context);
        this.drawBar(context, 2 * ROW, "predicted", this.classes);
        if (hasLabels) {
            this.drawBar(context, 2 * ROW + BAR + 3, "labelled", gather.labels);
        }
        this.drawSelection(context);
    }

    drawDensity(context) {
        const { left, top, width, height } = this.area;
        const key = `${this.palette} ${this.percentile}`;
        if (this.image?.key !== key) {
            this.image = { key, canvas: density(this.gather, this.limit, this.palette) };
        }
        // Wide columns keep their edges, narrow ones are averaged rather than dropped.
        context.imageSmoothingEnabled = this.column < 2;
        context.drawImage(this.image.canvas, left, top, width, height);
        context.strokeStyle = this.style("--line");
        context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
    }

    drawWiggles(context) {
        const every = Math.max(1, Math.ceil(WIGGLE_SPACING / this.column));
        const { left, top, width, height } = this.area;
        context.save();
        context.beginPath();
        context.rect(left, top, width, height);
        context.clip();
        const first = this.selected % every; // so that the chosen trace is among them
        for (let index = first; index < this.gather.count; index += every) {
            const middle = left + (index + 0.5) * this.column;
            wiggle(context, this.gather.amplitudesOf(index), middle, (this.column * every * 0.9) / this.limit, this.area, this.limit);
        }
        context.restore();
    }

    drawNumbers(context) {
        const { inline, crossline, trace, kind } = this.gather;
        const rows = kind === "unstructured" ? [["trace", trace]] : [["inline", inline], ["xline", crossline]];
        context.fillStyle = this.style("--quiet");
        rows.forEach(([name, numbers], row) => {
            const y = (row + 2 - rows.length) * ROW + 11;
            context.textAlign = "left";
            context.fillText(name, 2, y);
            if (numbers.every((each) => each === numbers[0])) {
                context.fillText(numbers[0], this.area.left, y);
                return;
            }
            context.textAlign = "center";
            for (const index of this.labelled(numbers)) {
                context.fillText(numbers[index], this.area.left + (index + 0.5) * this.column, y);
            }
        });
    }

    /** The traces to write a number above: those of round ones, not closer than they can be read. */
    labelled(numbers) {
        const { count } = this.gather;
        const least = LABEL_WIDTH / this.column;
        const step = niceStep(Math.max(1, (Math.abs(numbers[count - 1] - numbers[0]) / count) * least));
        const chosen = [];
        numbers.forEach((each, index) => {
            const isFar = chosen.length === 0 || index - chosen.at(-1) >= least * 0.9;
            if (isFar && each % step === 0 && each !== numbers[chosen.at(-1)]) {
                chosen.push(index);
            }
        });
        return chosen.length ? chosen : [0];
    }

    drawBar(context, y, name, labels) {
        context.fillStyle = this.style("--quiet");
        context.textAlign = "left";
        context.fillText(name, 2, y + 10, EDGE.left - 5);
        context.strokeStyle = this.style("--line");
        context.strokeRect(this.area.left - 0.5, y - 0.5, this.area.width + 1, BAR + 1);
        labels.forEach((label, index) => {
            if (label) {
                context.fillStyle = colourOf(label);
                // Whole pixels, or their edges would show between neighbours of one class.
                const [from, to] = [index, index + 1].map((edge) => Math.round(this.area.left + edge * this.column));
                context.fillRect(from, y, Math.max(1, to - from), BAR);
            }
        });
    }

    drawSelection(context) {
        const { left, top, height } = this.area;
        const x = left + this.selected * this.column;
        context.strokeStyle = CHOSEN;
        context.lineWidth = 2;
        context.strokeRect(x - 1, top - 2, this.column + 2, height + 4);
        context.lineWidth = 1;
    }

    style(name) {
        return getComputedStyle(this.canvas).getPropertyValue(name);
    }
}
