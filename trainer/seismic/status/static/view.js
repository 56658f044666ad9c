/** Choosing traces, drawing them, and asking the API what they are. */

import { ask } from "/status/static/api.js";
import { bars, byId, colourOf, element, number, percent, swatch } from "/status/static/dom.js";
import { drawSingle } from "./drawing.js";
import { predictMany, predictOne } from "./predicting.js";
import { Gather, SectionView } from "./section.js";
import { OneAtATime } from "/status/static/working.js";

const LARGEST_FILE = 64 * 1024 * 1024;
/** As many traces as the service sends at most; one that is looked for is put in their middle. */
const LINE_TRACES = 600;

export function start() {
    return new TryIt();
}

class TryIt extends OneAtATime {
    constructor() {
        super();
        this.model = {};
        this.view = new SectionView(byId("section"), (index) => this.select(index), (...place) => this.point(...place));
        this.listen();
        this.openSurvey();
    }

    listen() {
        byId("of-survey").addEventListener("submit", (event) => {
            event.preventDefault();
            this.run(() => this.showAsked());
        });
        byId("random").addEventListener("click", () => this.run(() => this.showRandom()));
        byId("inline").addEventListener("change", () => this.run(() => this.showAsked()));
        byId("classify").addEventListener("click", () => this.run(() => this.classify()));
        byId("file").addEventListener("change", ({ target }) => this.run(() => this.upload(target.files[0])));
        byId("palette").addEventListener("change", ({ target }) => this.redraw({ palette: target.value }));
        byId("clip").addEventListener("change", ({ target }) => this.redraw({ percentile: Number(target.value) }));
        byId("wiggle").addEventListener("change", ({ target }) => this.redraw({ hasWiggles: target.checked }));
        const drop = byId("drop");
        for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
            drop.addEventListener(kind, (event) => {
                event.preventDefault();
                drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
            });
        }
        drop.addEventListener("drop", ({ dataTransfer }) => this.run(() => this.upload(dataTransfer.files[0])));
        addEventListener("resize", () => this.gather && drawSingle(byId("single"), this.gather, this.view.selected));
    }

    async openSurvey() {
        try {
            this.survey = await ask("/status/view/survey");
        } catch (error) {
            byId("survey-facts").textContent = `There is no survey to choose from. ${error.message}`;
            return;
        }
        const { kind, inline, crossline, traces, samples, interval_us: interval, labelled } = this.survey;
        const lines = kind === "3D" ? `inlines ${inline.min} to ${inline.max}, crosslines ${crossline.min} to ${crossline.max}; ` : "";
        byId("survey-facts").textContent = `${kind}, ${lines}${number(traces)} traces of ${number(samples)} samples, ${interval / 1000} ms; ${number(labelled)} labelled.`;
        byId("pickers").hidden = false;
        byId("pickers").dataset.kind = kind;
        for (const [name, extent] of Object.entries({ inline, crossline, trace: { min: 1, max: traces, step: 1 } })) {
            const middle = extent.min + extent.step * Math.floor((extent.max - extent.min) / extent.step / 2);
            Object.assign(byId(name), { min: extent.min, max: extent.max, step: extent.step, value: middle });
        }
        // Something to look at; it is not classified before somebody asks.
        await this.run(() => this.loadAsked());
    }

    async showAsked() {
        await this.loadAsked();
        await this.classify();
    }

    async loadAsked() {
        if (this.survey.kind === "3D") {
            const [inline, crossline] = ["inline", "crossline"].map((name) => byId(name).value);
            await this.load(await this.ask(`/status/view/survey/trace?inline=${inline}&crossline=${crossline}`));
        } else {
            await this.load(await this.ask(`/status/view/survey/trace?index=${byId("trace").value - 1}`));
        }
    }

    async showRandom() {
        const index = Math.floor(Math.random() * this.survey.traces);
        await this.load(await this.ask(`/status/view/survey/trace?index=${index}`));
        await this.classify();
    }

    /** Shows the line that a trace is in, with the trace chosen. */
    async load(found) {
        const isArea = this.survey.kind === "3D";
        const start = Math.max(0, found.start - LINE_TRACES / 2);
        const line = isArea ? `inline=${found.inline[0]}&` : "";
        const answer = await this.ask(`/status/view/survey/line?${line}start=${start}`);
        byId("inline").value = found.inline[0];
        byId("crossline").value = found.crossline[0];
        byId("trace").value = found.index[0] + 1;
        const part = answer.total > answer.index.length ? `, traces ${start + 1} to ${start + answer.index.length} of ${number(answer.total)}` : "";
        this.show(answer, isArea ? `Inline ${found.inline[0]}${part}` : `Survey${part}`, answer.index.indexOf(found.index[0]));
    }

    async upload(file) {
        if (!file) {
            return;
        }
        if (file.size > LARGEST_FILE) {
            throw new Error(`${file.name} has ${number(file.size / 1024 / 1024)} MB; up to 64 are taken.`);
        }
        this.say(`Reading ${file.name} …`);
        const answer = await this.ask("/status/view/segy", { method: "POST", body: file, headers: { "content-type": "application/octet-stream" } });
        const part = answer.total > answer.index.length ? `, the first ${answer.index.length} of ${number(answer.total)} traces` : "";
        this.show(answer, `${file.name}${part}`, Math.floor(answer.index.length / 2));
        byId("file").value = ""; // so that the same file may be chosen again
        await this.classify();
    }

    show(answer, title, selected) {
        this.gather = new Gather(answer);
        this.predictions = [];
        this.say("");
        byId("gather").hidden = false;
        byId("gather-title").textContent = title;
        byId("legend").replaceChildren();
        this.view.show(this.gather, selected);
        this.describe(selected);
    }

    /** Asks for the classes of all traces that are drawn. */
    async classify() {
        const { gather, model } = this;
        if (model.n_samples && gather.samples !== model.n_samples) {
            throw new Error(`These traces have ${gather.samples} samples; the model takes ${model.n_samples}. They are drawn, but cannot be classified.`);
        }
        if (model.interval_us && gather.interval_us !== model.interval_us) {
            throw new Error(`The sample interval is ${gather.stepMs} ms; the model knows ${model.interval_us / 1000} ms. The traces are drawn, but their classes would mean nothing.`);
        }
        const usable = gather.index.map((_, index) => index).filter((index) => gather.isFinite(index));
        this.say(`Classifying ${number(usable.length)} traces …`);
        const predictions = await predictMany(gather, usable, this.signal);
        usable.forEach((index, at) => (this.predictions[index] = predictions[at]));
        this.view.classes = gather.index.map((_, index) => this.predictions[index]?.class ?? null);
        this.view.draw();
        this.legend();
        const left = gather.count - usable.length;
        this.say(left ? `${left} traces hold NaN or infinity and were left out.` : "");
        await this.select(this.view.selected);
    }

    legend() {
        const counts = new Map();
        for (const label of [...this.view.classes, ...(this.model.classes ?? [])].filter(Boolean)) {
            counts.set(label, (counts.get(label) ?? -(this.model.classes?.includes(label) ? 1 : 0)) + 1);
        }
        const labelled = this.gather.labels.map((label, index) => [label, this.view.classes[index]]).filter(([label, found]) => label && found);
        const agreeing = labelled.filter(([label, found]) => label === found).length;
        const items = [...counts].sort().map(([label, count]) => element("span", {}, swatch(label), ` ${label} ${count}`));
        byId("legend").replaceChildren(...items, labelled.length ? `${percent(agreeing / labelled.length)} of ${labelled.length} labelled traces agree` : "");
    }

    /** Chooses a trace; when the section has been classified, the API is asked about this one alone. */
    async select(index) {
        this.view.selected = index;
        this.view.draw();
        this.describe(index);
        if (!this.predictions[index]) {
            return;
        }
        this.asking?.abort();
        this.asking = new AbortController();
        const { gather, asking: { signal } } = this;
        try {
            const answer = await predictOne(gather, index, signal);
            if (gather === this.gather && index === this.view.selected) {
                this.predictions[index] = answer;
                this.describe(index);
            }
        } catch (error) {
            if (!signal.aborted) {
                this.say(error.message, "bad");
            }
        }
    }

    describe(index) {
        const { gather } = this;
        byId("chosen-title").textContent = this.nameOf(index);
        drawSingle(byId("single"), gather, index);
        const words = `${this.nameOf(index)}, trace ${index + 1} of ${gather.count}; arrow keys choose another`;
        byId("section").setAttribute("aria-label", `Seismic section. Chosen: ${words}`);
        byId("single").setAttribute("aria-label", `Amplitudes of ${this.nameOf(index)} over ${gather.samples * gather.stepMs} ms`);
        const found = this.predictions[index];
        const label = gather.labels[index];
        byId("chosen").replaceChildren(
            element("p", {}, found ? element("span", {}, swatch(found.class), " ", element("strong", {}, found.class)) : "Not classified yet",
                label ? ` (labelled ${label})` : "", found?.version ? element("span", { class: "quiet" }, ` by version ${found.version}`) : ""),
            ...(found ? [bars(Object.entries(found.probabilities).map(([name, value]) => ({
                name, value, text: percent(value), colour: colourOf(name),
            })), 1)] : []),
        );
    }

    point(index, sample) {
        if (index === undefined || !this.gather) {
            byId("readout").textContent = "";
            return;
        }
        const { gather, predictions } = this;
        const amplitude = gather.amplitudesOf(index)[sample];
        const parts = [this.nameOf(index), `${number(sample * gather.stepMs, 6)} ms`, `amplitude ${number(amplitude, 4)}`, predictions[index]?.class];
        byId("readout").textContent = parts.filter(Boolean).join(" · ");
    }

    nameOf(index) {
        const { kind, inline, crossline, trace } = this.gather;
        return kind === "unstructured" ? `Trace ${trace[index]}` : `Inline ${inline[index]}, crossline ${crossline[index]}`;
    }

    redraw(options) {
        Object.assign(this.view, options);
        this.view.draw();
    }

    ask(path, options = {}) {
        return ask(path, { ...options, signal: this.signal });
    }

    say(text, tone = "") {
        byId("try-message").textContent = text;
        byId("try-message").className = tone;
    }
}
