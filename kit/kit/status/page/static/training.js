/** What was trained, released and retrained. */

import { ago, duration, element, elements, facts, moment, number, percent, show, table } from "./dom.js";

/** The trainer's word for more than one row of its data. */
const ROWS = document.body.dataset.rows;
/** Kinds of rows in a report on quality; another is told by its name. */
const KINDS = { nonfinite: "with NaN or infinity" };

export function showTraining({ registry, now }) {
    const [run] = registry?.runs ?? [];
    const running = run && run.ended === null;
    // A run's age in minutes, so that a description somebody reads is not built anew each time.
    const content = registry && { run, quality: registry.quality, runs: registry.runs, minutes: running && Math.floor((now - run.started) / 60) };
    show("training", content ?? "unread", () => {
        if (!registry) {
            return element("p", { class: "quiet" }, "MLflow has not been read yet.");
        }
        return run ? [details(run, registry.quality, now), runTable(registry.runs, now)] : element("p", { class: "quiet" }, "Nothing was trained yet.");
    });
    const plots = registry && { run: registry.serving_run, files: registry.plots };
    show("plots", plots ?? "unread", () => (plots?.files ?? []).map(({ name, title }) => {
        const address = `/status/plots/${encodeURIComponent(name)}?run=${encodeURIComponent(plots.run)}`;
        return element("figure", {},
            element("a", { href: address }, element("img", { src: address, alt: `${title} of the champion`, loading: "lazy" })),
            element("figcaption", {}, `${title} of the champion`));
    }));
}

function details(run, quality, now) {
    const reasons = (run.tags.gate_reasons ?? "").split("\n").filter(Boolean);
    return [
        facts([
            ["Run", linked(run)],
            ["State", state(run)],
            ["Started", element("span", {}, moment(run.started), `, ${ago(now - run.started)}`)],
            ["Took", duration((run.ended ?? now) - run.started)],
            ["Gate", gate(run)],
            ...shownOf(run).map(({ title, value }) => [title, number(value)]),
            ["Model", run.tags.reproduced_version ? `the same as version ${run.tags.reproduced_version}` : run.status === "FINISHED" ? "a new one" : null],
            ["Trigger", run.tags.trigger],
        ].filter(([, value]) => value !== null && value !== undefined)),
        reasons.length ? element("ul", { class: "reasons" }, reasons.map((reason) => element("li", {}, reason))) : null,
        hasCounts(quality) ? element("p", {}, qualityWords(quality)) : null,
        run.description.length ? element("details", { open: "" }, element("summary", {}, "Description"), element("div", { class: "note" }, elements(run.description))) : null,
    ].filter(Boolean);
}

function hasCounts(quality) {
    return quality && (quality.rows !== null || quality.labelled !== null || Object.keys(quality.found).length > 0);
}

function qualityWords({ rows, found, labelled, counts }) {
    const kinds = Object.entries(found).map(([name, count]) => `${number(count)} ${KINDS[name] ?? name.replaceAll("_", " ")}`);
    const shares = Object.entries(counts).map(([name, count]) => `${name} ${percent(count / labelled)}`);
    const labels = labelled === null ? [] : [`${number(labelled)} labelled${shares.length ? ` (${shares.join(", ")})` : ""}`];
    const all = rows === null ? [] : [`${number(rows)} ${ROWS}`];
    return `Data: ${[[...all, ...kinds].join(", "), ...labels].filter(Boolean).join("; ")}.`;
}

/** Of a classifier, one figure sums up the others. */
function shownOf({ figures }) {
    return figures[0]?.name === "macro_f1" ? figures.slice(0, 1) : figures;
}

function runTable(runs, now) {
    const [head] = runs.find(({ figures }) => figures.length)?.figures ?? [];
    const valueOf = ({ figures }) => number(figures.find(({ name }) => name === head.name)?.value);
    return table("Last runs", ["Run", "State", "Started", "Took", "Gate", ...(head ? [head.title] : [])], runs.map((run) => [
        linked(run), state(run), moment(run.started), duration((run.ended ?? now) - run.started), gate(run), ...(head ? [valueOf(run)] : []),
    ]));
}

function state({ status, overdue, tags }) {
    if (overdue) {
        return element("span", { class: "bad" }, "running for too long");
    }
    const isSuperseded = status === "KILLED" && tags.superseded_by;
    const tone = { FINISHED: "good", RUNNING: "", SCHEDULED: "" }[status] ?? (isSuperseded ? "" : "bad");
    return element("span", { class: tone }, isSuperseded ? "superseded" : status.toLowerCase());
}

function gate({ tags }) {
    const tone = { passed: "good", warned: "warning", refused: "bad" }[tags.gate] ?? "";
    return element("span", { class: tone }, tags.gate === "none" ? "no gate" : (tags.gate ?? "–"));
}

/** The run in MLflow, if the page has a link to that; asked of the links, as only they know where it is. */
function linked({ name, run_id: runId, experiment_id: experimentId }) {
    const base = [...document.querySelectorAll("header nav a")].find((link) => link.textContent === "MLflow")?.href;
    const words = name || runId.slice(0, 12);
    const address = `${base?.replace(/\/$/, "")}/#/experiments/${encodeURIComponent(experimentId)}/runs/${encodeURIComponent(runId)}`;
    return base ? element("a", { href: address, rel: "noreferrer" }, words) : words;
}

export function showHistory({ registry }) {
    const content = registry && { releases: registry.releases, decisions: registry.decisions };
    show("history", content ?? "unread", () => {
        if (!registry) {
            return element("p", { class: "quiet" }, "MLflow has not been read yet.");
        }
        return [releaseTable(registry.releases), decisionTable(registry.decisions)];
    });
}

function releaseTable(releases) {
    if (!releases.length) {
        return element("p", { class: "quiet" }, "Nothing was released yet.");
    }
    return table("Last releases", ["When", "Version", "Commit", "Release", "By", "Why"], releases.map(({ at, to, from, by, why, unreadable }) => [
        moment(at), from?.version ? `${from.version} → ${to?.version}` : to?.version, to?.commit?.slice(0, 12), to?.ref, by, why ?? unreadable,
    ].map(plain)));
}

function decisionTable(decisions) {
    if (!decisions.length) {
        return element("p", { class: "quiet" }, "Nothing was retrained by alert or schedule.");
    }
    return table("Retraining", ["When", "Trigger", "Outcome", "Version", "Reason"], decisions.map(({ at, trigger, outcome, version, reason, unreadable }) => [
        moment(at), trigger, outcome, version, reason ?? unreadable,
    ].map(plain)));
}

/** Anything may stand in a tag; what is no text, number or element is told as JSON. */
function plain(value) {
    return value === null || value === undefined || value instanceof Node ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
}
