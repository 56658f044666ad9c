/** The text that a person needs after `npm start`, from the stack's outputs. */
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { short } from "../../common/hashes";
import { mistake } from "../../common/mistake";
import { shellQuote } from "../terminal/shell";

const outputs = z.object({
    apiUrl: z.string(),
    mlflowUrl: z.string(),
    statusUrl: z.string().optional(),
    prometheusUrl: z.string().optional(),
    alertmanagerUrl: z.string().optional(),
    username: z.string(),
    /** The certificate of its ports in PEM form, with TLS. */
    certificate: z.string().optional(),
    model: z.object({
        name: z.string(),
        version: z.union([z.string(), z.number()]),
        sha256: z.string(),
        alias: z.string().nullish(),
        metrics: z.record(z.string(), z.unknown()),
    }),
    release: z.object({ ref: z.string().nullish(), commit: z.string(), dirty: z.boolean() }),
});

const PADDED = 10;

/** The lines to print. `outputsJson` is the output of `pulumi stack output --json`. */
export function summary(outputsJson: unknown, stack: string, checkout: string): string {
    const parsed = outputs.safeParse(outputsJson);
    if (!parsed.success) {
        throw mistake(
            `Stack ${stack}: its outputs are not those of this program.\n${z.prettifyError(parsed.error)}`,
        );
    }
    const { apiUrl, mlflowUrl, statusUrl, prometheusUrl, alertmanagerUrl, username, model, release } =
        parsed.data;
    const page = (name: string, url: string | undefined) =>
        url === undefined ? [] : [`  ${name.padEnd(PADDED)}${url}`];
    // Show only the figures of the whole model. MLflow has the figures of each class.
    const metrics = Object.entries(model.metrics).flatMap(([name, value]) =>
        typeof value === "number" ? [`${name} ${rounded(value)}`] : [],
    );
    const alias = typeof model.alias === "string" ? ` (${model.alias})` : "";
    // npm makes this command work in any shell and any folder.
    const password = `npm --prefix ${shellQuote(checkout)} run -s pulumi -- stack output password --show-secrets --stack ${shellQuote(stack)}`;
    const file = `${stack}.pem`;
    const own = isSelfSigned(parsed.data.certificate);
    const trust = own ? ` --cacert ${shellQuote(file)}` : "";
    const curl = `curl -fsS${trust} -u ${shellQuote(username)}:"$PASSWORD"`;
    return [
        `Stack ${stack} is up.`,
        "",
        ...page("Status", statusUrl),
        `  API       ${apiUrl} (its pages: ${apiUrl}/docs)`,
        `  MLflow    ${mlflowUrl}`,
        ...page("Metrics", prometheusUrl),
        ...page("Alerts", alertmanagerUrl),
        `  User      ${username}`,
        `  Model     ${model.name} version ${model.version}${alias}, sha256 ${short(model.sha256)}`,
        `  Metrics   ${metrics.join(", ")}`,
        `  Code      ${short(release.commit)}${release.dirty ? ", with changes that are not committed" : ""}`,
        "",
        "The password:",
        `  ${password}`,
        "",
        ...(own
            ? [
                  "No authority knows its certificate. For clients to trust it:",
                  `  npm --prefix ${shellQuote(checkout)} run -s pulumi -- stack output certificate --stack ${shellQuote(stack)} > ${shellQuote(file)}`,
                  "",
              ]
            : []),
        "A prediction for a trace of the survey, to paste:",
        `  PASSWORD="$(${password})"`,
        `  ${curl} ${apiUrl}/sample | ${curl} -H 'content-type: application/json' -d @- ${apiUrl}/predict`,
        "",
        'For plain pulumi in this shell: eval "$(npm run -s env)"',
    ].join("\n");
}

/** Whether a certificate has signed itself, so that no client knows its signer. */
function isSelfSigned(pem: string | undefined): boolean {
    const certificate = pem === undefined ? undefined : new X509Certificate(pem);
    return certificate?.verify(certificate.publicKey) ?? false;
}

function rounded(value: number): string {
    const DIGITS = 4;
    return Number.isInteger(value) ? String(value) : value.toFixed(DIGITS);
}
