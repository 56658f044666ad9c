/** What the page asks of others, with each failure told in words. */

import { address } from "./dom.js";

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
    const words = reason(answer.status, content?.error, path.split("?")[0]);
    throw Object.assign(new Error(words), { status: answer.status });
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

/** The API's answer to a body of JSON. */
export function post(path, body, signal) {
    return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body, signal });
}
