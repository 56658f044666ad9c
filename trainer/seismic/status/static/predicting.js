/** What the model says of traces. */

import { post } from "/status/static/api.js";

/** Numbers in one request for a batch: its JSON stays well below the API's 64 MiB. */
const MOST_NUMBERS = 2_000_000;

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

/** Nine digits give the same float32 again. */
function amplitudes(trace) {
    return `[${Array.from(trace, (value) => Number(value.toPrecision(9))).join(",")}]`;
}
