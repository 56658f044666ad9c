/** The page's sections, brought up to date every few seconds. */

import { Chart } from "./chart.js";
import { address, ago, bars, byId, colourOf, duration, element, facts, hash, moment, number, percent, setColours, show, table } from "./dom.js";
import { showHistory, showTraining } from "./training.js";

const PERIOD_MS = 5000;
const LIMIT_MS = 8000;
/** Pages are not refreshed while nobody sees them, so that is no loss of contact. */
const LOST_AFTER = 15;
/** The trainer's word for more than one row of its data, and the script of the last section. */
const { rows: ROWS, script: SCRIPT } = document.body.dataset;
const SOURCES = { serving: "the serving replicas", mlflow: "MLflow" };

const charts = {
    rate: new Chart(byId("charts"), {
        title: "Traffic", unit: "per second",
        series: [
            { key: "requests", name: "requests", tone: "first" },
            { key: "rows", name: ROWS, tone: "second" },
            { key: "errors", name: "errors", tone: "third" },
        ],
    }),
    latency: new Chart(byId("charts"), {
        title: "Latency", unit: "ms",
        series: [
            { key: "p50", name: "median", tone: "first" },
            { key: "p95", name: "95 %", tone: "second" },
            { key: "p99", name: "99 %", tone: "third" },
        ],
    }),
    drift: new Chart(byId("charts"), {
        title: "Drift", unit: "score (PSI)", least: 0.1, series: [{ key: "drift", name: "worst replica", tone: "first" }],
    }),
};

let tryIt;
let model;
let lastContact = 0;

for (const link of document.querySelectorAll("a[data-port]")) {
    link.href = `${location.protocol}//${location.hostname}:${link.dataset.port}/`;
}
refresh();

async function refresh() {
    try {
        const answer = await fetch(address("/status/data"), { signal: AbortSignal.timeout(LIMIT_MS), cache: "no-store" });
        if (!answer.ok) {
            throw new Error(answer.status === 401 ? "sign in again: reload the page" : `it answers ${answer.status}`);
        }
        const data = await answer.json();
        lastContact = Date.now() / 1000;
        update(data);
    } catch (error) {
        lose(error);
    }
    setTimeout(refresh, PERIOD_MS);
}

function lose(error) {
    const since = Date.now() / 1000 - lastContact;
    if (lastContact && since < LOST_AFTER) {
        return;
    }
    const when = lastContact ? `for ${duration(since)}; what is below is of then` : "yet";
    const why = error.name === "TimeoutError" || error instanceof TypeError ? "" : ` (${error.message})`;
    byId("contact").textContent = `No contact with the status service ${when}${why}`;
    byId("contact").className = "bad";
    document.body.classList.add("stale");
}

function update(data) {
    byId("contact").className = "good";
    byId("contact").textContent = `Up to date, ${new Date().toLocaleTimeString("en-GB")}`;
    document.body.classList.remove("stale");
    setColours(data.serving.colours);
    showNotices(data);
    showServing(data);
    showTraffic(data);
    showTraining(data);
    showHistory(data);
    model = data.serving.info;
    tryIt ??= startTrying();
    tryIt.then((part) => part && (part.model = model));
}

/** The last section has a script of its own. What is wrong with it is told there, and the other sections go on. */
async function startTrying() {
    try {
        const { start } = await import(SCRIPT);
        return start();
    } catch (error) {
        byId("try").append(element("p", { class: "bad", role: "alert" }, `This part of the page does not work: ${error.message}`));
        return undefined;
    }
}

function showNotices({ sources, serving, registry, traffic, drift_threshold: threshold }) {
    const notices = sources.filter(({ up }) => up === false).map(({ name, problem, since }) =>
        [`No answer from ${SOURCES[name]} since ${new Date(since * 1000).toLocaleTimeString("en-GB")}: ${problem}`, "bad"]);
    const answering = serving.replicas.filter((replica) => replica.answering);
    const versions = [...new Set(answering.map(({ version, sha256 }) => `${version} (${sha256?.slice(0, 12)})`))];
    if (versions.length > 1) {
        notices.push([`The replicas serve different versions: ${versions.join(" and ")}. That is normal for a moment while an update rolls out.`, "warning"]);
    }
    const champion = registry?.champion?.version;
    if (versions.length === 1 && champion && String(champion) !== answering[0].version) {
        notices.push([`The registry's champion is version ${champion}, but version ${answering[0].version} serves.`, "warning"]);
    }
    if (registry?.last_run_failed) {
        notices.push(["The last training failed; what serves is not affected.", "warning"]);
    }
    if (registry?.candidate_waiting) {
        notices.push([`Version ${registry.challenger.version} has passed the gate and waits; the next deployment serves it.`, "note"]);
    }
    if (traffic.now.drift > threshold) {
        notices.push([`What is asked differs from what the model was trained on: drift ${number(traffic.now.drift)}, above ${threshold}.`, "warning"]);
    }
    show("notices", notices, () => notices.map(([text, tone]) => element("p", { class: `notice ${tone}` }, text)));
}

function showServing({ serving, registry, now }) {
    const { replicas, info, figures, colours } = serving;
    const first = replicas.find((replica) => replica.answering) ?? replicas[0];
    const release = registry?.releases.find(({ to }) => to && String(to.version) === String(first?.version));
    const started = Math.min(...replicas.map((replica) => replica.started ?? Infinity));
    const since = release?.at ?? (Number.isFinite(started) ? started : null);
    const age = info.trained_at ? now - Date.parse(info.trained_at) / 1000 : NaN;
    // The age to the minute, for else the section would be built anew each time.
    const content = { replicas, info, figures, colours, release: release?.at, started, age: duration(age) };
    show("serving", content, () => {
        if (!first) {
            return element("p", {}, "Nothing serves: no replica is found.");
        }
        const origin = [first.commit?.slice(0, 12) || "no commit", first.dirty ? " with uncommitted changes" : ""].join("");
        const main = facts([
            ["Version", first.version], ["Hash", hash(first.sha256)],
            ["Commit", origin], ["Release", first.release || "none"],
            ["Since", since ? moment(since) : null],
            ...[["Classifier", info.classifier], ["Regressor", info.regressor]].filter(([, name]) => name),
            ["Trained", info.trained_at ? element("span", {}, moment(info.trained_at), `, ${ago(age)}`) : null],
        ]);
        return [element("div", { class: "split" }, main, showFigures(figures, info.metrics ?? {})), replicaTable(replicas)];
    });
}

function showFigures(figures, metrics) {
    const recalls = Object.keys(metrics).filter((key) => /^recall_/.test(key)).sort();
    return element("div", {},
        element("div", { class: "tiles" }, figures.map(({ title, value }) =>
            element("div", { class: "tile" }, element("b", {}, Math.abs(value) < 1000 ? value.toFixed(3) : number(value)), title))),
        recalls.length ? element("h3", {}, `Recall on held-out ${ROWS}`) : null,
        recalls.length ? bars(recalls.map((key) => {
            const name = key.slice("recall_".length);
            return { name, value: metrics[key], text: percent(metrics[key]), colour: colourOf(name) };
        }), 1) : null);
}

function replicaTable(replicas) {
    return table("Replicas", ["Address", "State", "Version", "Commit", "Started"], replicas.map((replica) => [
        replica.address,
        element("span", { class: replica.answering ? "good" : "bad", title: replica.problem },
            replica.answering ? "answers" : `does not answer: ${replica.problem || "not asked yet"}`),
        replica.version, replica.commit?.slice(0, 12), replica.started ? moment(replica.started) : null,
    ]));
}

function showTraffic({ traffic, serving, drift_threshold: threshold, now: end }) {
    const { at, series, now } = traffic;
    const milliseconds = (value) => (value === null ? null : value * 1000);
    const latency = Object.fromEntries(["p50", "p95", "p99"].map((key) => [key, series[key].map(milliseconds)]));
    const latencyNow = Object.fromEntries(["p50", "p95", "p99"].map((key) => [key, milliseconds(now[key])]));
    charts.rate.draw({ at, columns: series, now, end });
    charts.latency.draw({ at, columns: latency, now: latencyNow, end });
    charts.drift.draw({ at, columns: series, now, end, threshold });
    const { classes, predicted, inputs, errors, features, reference } = traffic;
    show("traffic", { classes, predicted, inputs, errors, features, reference, colours: serving.colours }, () => [
        predictedSince(classes, predicted),
        element("div", {}, element("h3", {}, "Most drifted features"), driftOf(features, reference, threshold)),
        element("div", {}, counted("Unusual input", nonzero(inputs)), counted("Errors", nonzero(errors))),
    ]);
}

/** By class, if the model has classes. */
function predictedSince(classes, predicted) {
    const title = "Predicted since the replicas started";
    if (predicted && !Object.keys(classes).length) {
        return element("div", {}, element("h3", {}, title), element("p", {}, `${number(predicted)} ${ROWS}`));
    }
    return counted(title, Object.entries(classes), (name, count) => ({
        text: `${number(count)} · ${percent(count / predicted)}`, colour: colourOf(name),
    }));
}

function driftOf(features, reference, threshold) {
    if (features.length) {
        const most = Math.max(threshold * 1.5, features[0].psi);
        return bars(features.map(({ name, psi }) => ({ name, value: psi, text: number(psi), isBad: psi > threshold })), most);
    }
    const words = reference === false ? "The model has no reference to compare with." : `Not compared yet: too few ${ROWS} were asked for.`;
    return element("p", { class: "quiet" }, reference === null ? "The replicas do not measure drift." : words);
}

function nonzero(counts) {
    return Object.entries(counts).filter(([, count]) => count > 0);
}

/** `look` gives the text and the colour of a name's bar. */
function counted(title, entries, look = (_, count) => ({ text: number(count) })) {
    const total = entries.reduce((sum, [, count]) => sum + count, 0);
    return element("div", {}, element("h3", {}, title),
        entries.length ? bars(entries.map(([name, value]) => ({ name, value, ...look(name, value) })), total) : element("p", { class: "quiet" }, "None"));
}
