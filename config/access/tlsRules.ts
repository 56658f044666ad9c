/** Rules across the values about TLS. */
import { PARTS } from "./access";
import { hostsOf } from "./certificate";
import type { Problem } from "../problems";
import type { StackConfig } from "../schema";
import { hasTls } from "./tls";

/** The problems of values under `tls`, and of addresses that do not go with them. */
export function tlsProblems({ access, tls }: Pick<StackConfig, "access" | "tls">): Problem[] {
    const ways = [
        { key: "tls.certificate", chosen: tls.certificate !== undefined },
        { key: "tls.acme", chosen: tls.acme !== undefined },
        { key: "tls.selfSigned", chosen: tls.selfSigned },
        { key: "tls.endsBefore", chosen: tls.endsBefore },
    ].filter(({ chosen }) => chosen);
    const [first, second] = ways;
    const problems: Problem[] = [];
    if (first !== undefined && second !== undefined) {
        problems.push({
            on: [first.key, second.key],
            text: `${second.key}: given beside ${first.key}; choose one of them`,
        });
    }
    if (tls.trusted.length > 0 && !tls.endsBefore) {
        problems.push({
            on: ["tls.trusted", "tls.endsBefore"],
            text: `tls.trusted: got ${tls.trusted.join(", ")}; it names the proxy that ends TLS, so set tls.endsBefore to true`,
        });
    }
    if (tls.hosts.length > 0 && !tls.selfSigned && tls.acme === undefined) {
        problems.push({
            on: ["tls.hosts", "tls.selfSigned", "tls.acme"],
            text: `tls.hosts: got ${tls.hosts.join(", ")}; they are the names in a certificate that the stack gets or makes, so set tls.acme or tls.selfSigned`,
        });
    }
    problems.push(...acmeProblems({ access, tls }), ...hstsProblems(tls));
    for (const part of ["url", ...PARTS] as const) {
        const url = access[part];
        if (hasTls(tls) && url?.startsWith("http:")) {
            problems.push({
                on: [`access.${part}`, first!.key],
                text: `access.${part}: got ${url}; the ports speak TLS, so write https`,
            });
        }
    }
    return problems;
}

/** A browser that once got the header lets nobody pass a certificate that it does not know. */
function hstsProblems({ acme, certificate, hsts, selfSigned }: StackConfig["tls"]): Problem[] {
    if (hsts === undefined || acme !== undefined || certificate !== undefined) {
        return [];
    }
    const why = selfSigned
        ? "browsers that do not know the stack's own certificate could not open its pages at all; take it away, or set tls.acme or tls.certificate"
        : "the ports speak plain HTTP; set tls.acme or tls.certificate, or have the proxy in front send the header";
    return [
        {
            on: ["tls.hsts", "tls.acme", "tls.certificate", "tls.selfSigned"],
            text: `tls.hsts: got ${hsts}; ${why}`,
        },
    ];
}

/** A name that an ACME server can ask: it needs a dot, and the proof by HTTP knows no wildcard. */
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*$/;

function acmeProblems({ access, tls }: Pick<StackConfig, "access" | "tls">): Problem[] {
    const { acme, hosts } = tls;
    if (acme === undefined) {
        return (["acmeServer", "acmeAuthority", "httpPort"] as const)
            .filter((key) => tls[key] !== undefined)
            .map((key) => ({
                on: [`tls.${key}`, "tls.acme"],
                text: `tls.${key}: given without tls.acme; set tls.acme to an e-mail address, or take tls.${key} away`,
            }));
    }
    if (hosts.length === 0) {
        return [
            {
                on: ["tls.hosts", "tls.acme"],
                text: "tls.hosts: missing; tls.acme gets a certificate for names, so give those by which people reach the stack",
            },
        ];
    }
    const wrong = hosts.filter((host) => !HOST_NAME.test(host));
    const others = [...hostsOf(access)].filter((host) => !hosts.includes(host));
    return [
        ...(wrong.length === 0
            ? []
            : [
                  {
                      on: ["tls.hosts", "tls.acme"],
                      text: `tls.hosts: got ${wrong.join(", ")}; an ACME server asks for names in lower case, such as ml.example.org, without wildcards and addresses`,
                  },
              ]),
        ...(others.length === 0
            ? []
            : [
                  {
                      on: ["tls.hosts", "tls.acme", ...["url", ...PARTS].map((part) => `access.${part}`)],
                      text: `tls.hosts: got ${hosts.join(", ")}; access also has ${others.join(", ")}, so add it`,
                  },
              ]),
    ];
}
