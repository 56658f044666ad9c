import { verb } from "../terminal/verb";

export const scan = verb({
    name: "scan",
    summary: "Looks for known vulnerabilities in all that is locked: Python and npm packages, Go modules",
    changes: "nothing",
    more: [
        "Asks pip-audit, npm audit and govulncheck. It fails for what is found and not accepted in",
        "toolchain/scanners/accepted.yaml, and when a database is not reached.",
    ].join("\n"),
    examples: [],
    options: {},
    run: async () => (await import("../work/scan")).scan(),
});
