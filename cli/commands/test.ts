import { verb } from "../terminal/verb";

export const test = verb({
    name: "test",
    summary: "Runs all tests, or the parts that are named",
    changes: "nothing that is not the tests' own; they remove their stacks",
    more: [
        "The parts are lint, unit, trainer and e2e. A further part, bench, takes minutes and runs at night. You can name",
        "single files of unit and e2e. After all parts, a check compares the commands of the documentation with those",
        "that the tests ran. DOCKER_MIN_API_VERSION is the oldest API that an engine of --engine answers, such as 1.44.",
    ].join("\n"),
    examples: [
        "",
        "--all",
        "lint unit",
        "unit:config e2e:faults,docs",
        "e2e:faults --grep 'a broken trainer'",
        "e2e --engine trixie",
    ],
    script: "npm test",
    words: { name: "PART[:FILE[,FILE]]", says: "a part of the tests, or some of its files" },
    options: {
        all: {
            says: "also the parts of the night: the benches, a trainer's check, and a first start on the newest engine (as root)",
        },
        grep: { value: "TEXT", says: "only the tests of unit and e2e whose names contain this" },
        engine: {
            value: "SUITE",
            says: "on an engine of Debian's trixie or sid, in a container; only root may",
        },
    },
    apart: [["all", "grep", "engine"]],
    run: async (given, words) => (await import("../work/test")).test(given, words),
});
