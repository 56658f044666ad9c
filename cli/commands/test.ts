import { verb } from "../terminal/verb";

export const test = verb({
    name: "test",
    summary: "Runs all tests, or the parts that are named",
    changes: "nothing that is not the tests' own; they remove their stacks",
    more: [
        "The parts are lint, unit, trainer and e2e. Two further parts, nodes and bench, take minutes and run at night. You",
        "can name single files of unit, e2e and nodes. After all parts, a check compares the commands of the documentation",
        "with those that the tests ran. DOCKER_MIN_API_VERSION is the oldest API that an engine of --engine answers, such as 1.44.",
    ].join("\n"),
    examples: [
        "",
        "--all",
        "lint unit",
        "unit:config e2e:faults,docs",
        "e2e:faults --grep 'a broken trainer'",
        "e2e --engine trixie",
        "nodes:lab",
    ],
    script: "npm test",
    words: { name: "PART[:FILE[,FILE]]", says: "a part of the tests, or some of its files" },
    options: {
        all: {
            says: "also the parts of the night: several nodes, the benches, a trainer's check, and a first start on the newest engine (as root)",
        },
        grep: { value: "TEXT", says: "only the tests of unit, e2e and nodes whose names contain this" },
        engine: {
            value: "SUITE",
            says: "on an engine of Debian's trixie or sid, in a container; only root may",
        },
    },
    apart: [["all", "grep", "engine"]],
    run: async (given, words) => (await import("../work/test")).test(given, words),
});
