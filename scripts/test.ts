/** All tests, or the parts named: `npm test -- unit e2e`. */
import { ensureEngine } from "./setup/engine";
import { prepare } from "./setup/prepare";
import { duration, isForUser, main, messageOf, SetupError, UsageAsked } from "./setup/steps";
import { keepingCommands } from "./test/commandsRun";
import { withoutNewImages } from "./test/images";
import { isolated } from "./test/isolated";
import { lint } from "./test/lint";
import { mocha } from "./test/mocha";
import { asRun } from "./test/runs";
import { CRASHED, sum, type Tally } from "./test/tally";
import { trainer } from "./test/trainer";

type Parts = Readonly<Record<string, () => Promise<Tally>>>;

/** The parts, cheapest first. */
const PARTS: Parts = {
    lint,
    // Unit tests meet no setting of this machine's docker command.
    unit: () => mocha("test/unit", { ...process.env, DOCKER_CONTEXT: "" }),
    trainer: async () => {
        await prepare();
        return trainer((await ensureEngine()).docker);
    },
    e2e: async () => {
        const environment = await prepare();
        const { docker } = await ensureEngine();
        // Each test there sets the time that it may take. Its suites mostly wait, so two go on side by side, the longest first.
        const options = ["--timeout", "30m", "--parallel", "--jobs", "2"];
        const order = ["environments", "pipeline", "staging", "faults", "observed", "operations", "docs"];
        return asRun(docker, (run) =>
            withoutNewImages(docker, () =>
                isolated(environment, run, (env) => mocha("test/e2e", env, options, order)),
            ),
        );
    },
};

/** After all parts, since it compares the documentation's commands with those that their tests ran. */
const WHOLE: Parts = {
    ...PARTS,
    documentation: () => mocha("test/documentation", process.env),
};

const USAGE = `npm test -- [PART …]

Runs all tests, or the parts that are named: ${Object.keys(PARTS).join(", ")}. After all parts, it also sees whether they ran
the commands of the documentation.`;

main(async (args) => {
    if (args.includes("--help") || args.includes("-h")) {
        throw new UsageAsked(USAGE);
    }
    const unknown = args.find((arg) => !(arg in PARTS));
    if (unknown !== undefined) {
        throw new SetupError(`npm test: got ${unknown}; the parts are ${Object.keys(PARTS).join(", ")}.`);
    }
    const chosen = Object.fromEntries(args.map((name) => [name, PARTS[name]!]));
    const { passed, failed } =
        args.length === 0 ? await keepingCommands(() => runAll(WHOLE)) : await runAll(chosen);
    if (args.length > 0) {
        console.log("\nWhether tests run the documentation's commands is seen only when all parts run.");
    }
    console.log(`\n${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
});

async function runAll(parts: Parts): Promise<Tally> {
    const tallies: Tally[] = [];
    for (const [name, run] of Object.entries(parts)) {
        tallies.push(await part(name, run));
    }
    return sum(tallies);
}

/** A part that breaks down has failed; the others still run. */
async function part(name: string, run: () => Promise<Tally>): Promise<Tally> {
    const began = Date.now();
    console.log(`\n== ${name}`);
    let tally: Tally = CRASHED;
    try {
        tally = await run();
    } catch (error) {
        console.error(isForUser(error) ? error.message : error);
        console.error(`${name}: broke down: ${messageOf(error).split("\n")[0]}`);
    }
    console.log(
        `== ${name}: ${tally.passed} passed, ${tally.failed} failed, ${duration(Date.now() - began)}`,
    );
    return tally;
}
