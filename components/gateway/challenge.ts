import { GENERATION, HTTP, insidePort } from "./endpoint";
import { LOG_FORMAT } from "./accessLog";
import { shellText } from "../../common/shellText";

/** The port for plain HTTP. */
export interface Challenge {
    /** HAProxy's program that reads the proofs. */
    program: string;
    /** The address of the API, to which all other requests are sent. */
    redirect: string;
}

/** The program that answers with the proofs, as text. It is read at the path of the folder that lego writes to. */
export const PROOFS = shellText("service/challenge.lua");

/**
 * HAProxy's sections for the port at which an ACME server asks. The server follows no link with a path, so its
 * questions are answered here. Everybody else is sent to the port with TLS, with the path of the request.
 */
export function renderChallenge({ program, redirect }: Challenge): string[] {
    return [
        `global
    lua-load ${program}
`,
        `frontend ${HTTP}
    bind ":${insidePort(`\${${GENERATION}}`, { name: HTTP })}" accept-proxy
    ${LOG_FORMAT}
    http-request use-service lua.challenge if { method GET HEAD } { path_beg /.well-known/acme-challenge/ }
    http-request redirect code 308 prefix ${quoted(redirect)}
`,
    ];
}

/** HAProxy expands nothing in single quotes but its own variables, which begin with a percent sign. */
function quoted(url: string): string {
    return `'${url.replaceAll("%", "%%").replaceAll("'", "%%27")}'`;
}
