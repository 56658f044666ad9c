import { verb } from "../terminal/verb";

export const scan = verb({
    name: "scan",
    summary: "Looks for known vulnerabilities in all locked packages of Python, npm and Go",
    changes: "nothing",
    more: [
        "Asks pip-audit, npm audit and govulncheck. It fails for each finding that is not accepted in",
        "toolchain/scanners/accepted.yaml, and when it cannot reach a database.",
    ].join("\n"),
    examples: [],
    options: {},
    run: async () => (await import("../work/scan")).scan(),
});
