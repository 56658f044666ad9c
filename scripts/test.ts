/** All tests, or the parts named: `npm test -- unit e2e`. */
import { ensureEngine } from "./setup/engine";
import { prepare } from "./setup/prepare";
import { duration, isForUser, main, messageOf, SetupError, UsageAsked } from "./setup/steps";
import { withoutNewImages } from "./test/images";
import { isolated } from "./test/isolated";
import { lint } from "./test/lint";
import { mocha } from "./test/mocha";
import { asRun } from "./test/runs";
import { CRASHED, sum, type Tally } from "./test/tally";
import { trainer } from "./test/trainer";

/** Tests mostly wait, for processes or an engine: two files go on side by side, the longest first. */
const SIDE_BY_SIDE = ["--parallel", "--jobs", "2"];

/** The part that only the nightly workflow names. */
const AT_NIGHT = "bench";

/** The parts, cheapest first. */
const PARTS: Readonly<Record<string, () => Promise<Tally>>> = {
    lint,
    // Unit tests meet no setting of this machine's docker command.
    unit: () =>
        mocha("test/unit", { ...process.env, DOCKER_CONTEXT: "" }, SIDE_BY_SIDE, ["preview", "release"]),
    trainer: async () => {
        await prepare();
        return trainer((await ensureEngine()).docker);
    },
    e2e: async () => {
        const environment = await prepare();
        const { docker } = await ensureEngine();
        // Each test there sets the time that it may take.
        const options = ["--timeout", "30m", ...SIDE_BY_SIDE];
        const order = ["environments", "pipeline", "staging", "faults", "observed", "operations", "docs"];
        return asRun(docker, (run) =>
            withoutNewImages(docker, () =>
                isolated(environment, run, (env) => mocha("test/e2e", env, options, order)),
            ),
        );
    },
    // A stack of its own, brought up twice.
    [AT_NIGHT]: () => mocha("test/bench", process.env, ["--timeout", "30m"]),
};
const USUAL = Object.keys(PARTS).filter((name) => name !== AT_NIGHT);

const USAGE = `npm test -- [PART …]

Runs the parts that are named, or ${USUAL.join(", ")}. There is also ${AT_NIGHT}, which takes minutes and runs each night.`;

main(async (args) => {
    if (args.includes("--help") || args.includes("-h")) {
        throw new UsageAsked(USAGE);
    }
    const unknown = args.find((arg) => !(arg in PARTS));
    if (unknown !== undefined) {
        throw new SetupError(`npm test: got ${unknown}; the parts are ${Object.keys(PARTS).join(", ")}.`);
    }
    const names = args.length > 0 ? args : USUAL;
    const tallies: Tally[] = [];
    for (const name of names) {
        tallies.push(await part(name));
    }
    const { passed, failed } = sum(tallies);
    console.log(`\n${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
});

/** A part that breaks down has failed; the others still run. */
async function part(name: string): Promise<Tally> {
    const began = Date.now();
    console.log(`\n== ${name}`);
    let tally: Tally = CRASHED;
    try {
        tally = (await PARTS[name]?.()) ?? CRASHED;
    } catch (error) {
        console.error(isForUser(error) ? error.message : error);
        console.error(`${name}: broke down: ${messageOf(error).split("\n")[0]}`);
    }
    console.log(
        `== ${name}: ${tally.passed} passed, ${tally.failed} failed, ${duration(Date.now() - began)}`,
    );
    return tally;
}
