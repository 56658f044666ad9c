/** What the page asks of others, with each failure told in words. */

import { address } from "./dom.js";

/** Numbers in one request for a batch: its JSON stays well below the API's 64 MiB. */
const MOST_NUMBERS = 2_000_000;

export async function ask(path, options) {
    let answer;
    try {
        answer = await fetch(address(path), options);
    } catch (error) {
        if (error.name === "AbortError") {
            throw error;
        }
        throw new Error(`${path.split("?")[0]} cannot be reached. Is the network there?`);
    }
    const content = await answer.json().catch(() => null);
    if (answer.ok && content !== null) {
        return content;
    }
    throw new Error(reason(answer.status, content?.error, path.split("?")[0]));
}

function reason(status, error, path) {
    if (error?.message) {
        return `${error.field ? `${error.field}: ` : ""}${error.message}`;
    }
    return {
        401: "The user name or the password is not accepted any more; reload the page to sign in.",
        413: "That is more than the API takes in one request.",
        429: "The API is asked too often at the moment; try again shortly.",
        502: "The API does not answer properly; its replicas may be starting.",
        503: "The API has no replica that answers; try again shortly.",
        504: "The API took too long to answer.",
    }[status] ?? `${path} answers ${status}, which this page does not understand.`;
}

/** Class and probabilities of each of these traces of a gather, in order. */
export async function predictMany(gather, indices, signal) {
    const rows = Math.max(1, Math.floor(MOST_NUMBERS / gather.samples));
    const predictions = [];
    for (let start = 0; start < indices.length; start += rows) {
        const traces = indices.slice(start, start + rows).map((index) => amplitudes(gather.amplitudesOf(index)));
        const answer = await post("/batch_predict", `{"traces":[${traces.join(",")}]}`, signal);
        predictions.push(...answer.predictions);
    }
    return predictions;
}

export function predictOne(gather, index, signal) {
    return post("/predict", `{"trace":${amplitudes(gather.amplitudesOf(index))}}`, signal);
}

function post(path, body, signal) {
    return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body, signal });
}

/** Nine digits give the same float32 again. */
function amplitudes(trace) {
    return `[${Array.from(trace, (value) => Number(value.toPrecision(9))).join(",")}]`;
}
