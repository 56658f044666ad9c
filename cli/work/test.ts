/** Runs all tests, or the named parts and files: `npm test -- unit e2e:docs`. */
import { Mistake, mistake } from "../../common/mistake";
import { availableParallelism } from "node:os";

import { ensureEngine } from "../setup/engine";
import { prepare } from "../setup/prepare";
import { duration, messageOf } from "../terminal/steps";
import { keepingCommands } from "../testing/commandsRun";
import { asSuite, mayRunEngines, NEWEST, onEngine, TALLY } from "../testing/engines";
import { withoutNewImages } from "../testing/images";
import { isolated } from "../testing/isolated";
import { lint } from "../testing/lint";
import { mocha } from "../testing/mocha";
import { asRun } from "../testing/runs";
import { CRASHED, sum, type Tally, writeTally } from "../testing/tally";
import { trainer } from "../testing/trainer";

/** Runs a part, or some of its files. `only` has options of mocha that leave tests out. */
type Part = (named: readonly string[], only: readonly string[]) => Promise<Tally>;
type Parts = Readonly<Record<string, Part>>;

/** As many files run side by side as there are processors; the longest files begin first. */
const SIDE_BY_SIDE = ["--parallel", "--jobs", String(availableParallelism())];
/**
 * A suite on the engine also waits for health checks and tasks, so there is one more. With two more, health checks
 * of the only replica came too late on a busy machine, and the gateway answered 503. Each has a stack in memory.
 */
const SUITES_SIDE_BY_SIDE = ["--parallel", "--jobs", String(Math.min(availableParallelism() + 1, 5))];
/** Each end-to-end test sets its own limit. */
const LONG = ["--timeout", "30m"];

/** The parts, cheapest first. For unit and e2e, single files can be named. */
const USUAL: Parts = {
    lint,
    // No setting of this machine's docker command may reach the unit tests.
    unit: (named, only) =>
        mocha(
            "test/unit",
            { ...process.env, DOCKER_CONTEXT: "" },
            { named, first: ["preview", "release"], options: [...SIDE_BY_SIDE, ...only] },
        ),
    trainer: async () => {
        await prepare();
        return trainer((await ensureEngine()).docker);
    },
    e2e: (named, only) => endToEnd("test/e2e", named, [...SUITES_SIDE_BY_SIDE, ...only]),
};

/**
 * All parts. Only the nightly workflow runs the last two. bench brings its own stack up twice, runs the benches of an
 * image, and checks a trainer with packages from the Python package index. nodes starts several engines at once, and
 * waits until a swarm gives a node up; one suite after another, because each has several engines.
 */
const PARTS: Parts = {
    ...USUAL,
    nodes: (named, only) => endToEnd("test/nodes", named, only),
    bench: () => mocha("test/bench", process.env, { options: LONG }),
};
const OF_FILES = ["unit", "e2e", "nodes"];

/**
 * A newcomer's first start, and a stack from nothing to nothing, on the newest engine. The night runs them, because this
 * engine builds each image again. The nightly workflow also runs all suites on it.
 */
const ON_NEWEST: Parts = mayRunEngines()
    ? { "e2e on the newest engine": () => onEngine(NEWEST.suite, ["e2e:docs,devStack"], NEWEST.minApi) }
    : {};

/** The last part compares the documentation's commands with the commands that the tests ran. */
const DOCUMENTATION: Parts = { documentation: () => mocha("test/documentation", process.env) };
/** The parts of each day, and those of the night. */
const WHOLE: Parts = { ...USUAL, ...DOCUMENTATION };
const AT_NIGHT: Parts = {
    bench: PARTS.bench!,
    ...USUAL,
    nodes: PARTS.nodes!,
    ...ON_NEWEST,
    ...DOCUMENTATION,
};

async function endToEnd(folder: string, named: readonly string[], choice: readonly string[]): Promise<Tally> {
    const environment = await prepare();
    const { docker } = await ensureEngine();
    const options = [...LONG, ...choice];
    // In the order of their durations, so that no long suite is the last one that runs.
    const first = [
        "environments",
        "staging",
        "pipeline",
        "observed",
        "faults",
        "operations",
        "upgrade",
        "devStack",
        "docs",
        "example",
        "forecast",
    ];
    return asRun(docker, (run) =>
        withoutNewImages(docker, () =>
            isolated(environment, run, (env) => mocha(folder, env, { named, first, options })),
        ),
    );
}

/**
 * Runs tests, and prints the number of passed tests.
 *
 * @param named parts of the tests, as "e2e:faults,docs". Without any, all parts of a day run
 */
export async function test(
    { all: atNight, engine, grep }: { all: boolean; engine: string | undefined; grep: string | undefined },
    named: readonly string[],
): Promise<number> {
    const chosen = named.map(asPart);
    if (atNight && named.length > 0) {
        throw mistake(`--all: got ${named.join(" ")} besides; leave the parts out.`);
    }
    const whole =
        named.find((word) => !OF_FILES.includes(word.split(":")[0]!)) ??
        (named.length === 0 ? "all" : undefined);
    if (grep !== undefined && whole !== undefined) {
        throw mistake(`--grep: got ${whole}; tests can be chosen of ${OF_FILES.join(", ")} only.`);
    }
    if (engine !== undefined) {
        const parts = named.length > 0 ? named : Object.keys(USUAL);
        const options = grep === undefined ? [] : ["--grep", grep];
        return exitCode(await onEngine(asSuite(engine), [...parts, ...options]));
    }
    const only = grep === undefined ? [] : ["--fgrep", grep];
    const all =
        chosen.length > 0
            ? await runAll(chosen.map(({ name, files, work }) => [name, () => work(files, only)]))
            : await keepingCommands(() =>
                  runAll(
                      Object.entries(atNight ? AT_NIGHT : WHOLE).map(([name, work]) => [
                          name,
                          () => work([], []),
                      ]),
                  ),
              );
    if (chosen.length > 0) {
        console.log("\nWhether tests run the documentation's commands is seen only when all parts run.");
    }
    if (grep !== undefined && all.passed === 0) {
        console.log(`\n--grep: no test passed whose name contains ${grep}.`);
    }
    console.log(`\n${all.passed} passed, ${all.failed} failed`);
    writeTally(process.env[TALLY], all);
    return exitCode(all);
}

async function runAll(works: readonly [string, () => Promise<Tally>][]): Promise<Tally> {
    const tallies: Tally[] = [];
    for (const [name, work] of works) {
        tallies.push(await part(name, work));
    }
    return sum(tallies);
}

function exitCode({ failed }: Tally): number {
    return failed === 0 ? 0 : 1;
}

/** @param word "e2e", or "e2e:faults,docs" */
function asPart(word: string): { name: string; files: string[]; work: Part } {
    const [name = "", files] = word.split(":");
    const work = PARTS[name];
    if (work === undefined) {
        throw mistake(`npm test: got ${name}; the parts are ${Object.keys(PARTS).join(", ")}.`);
    }
    if (files !== undefined && !OF_FILES.includes(name)) {
        throw mistake(`npm test: got ${word}; files can be named of ${OF_FILES.join(", ")} only.`);
    }
    return { name, files: files?.split(",") ?? [], work };
}

/** A part that breaks down counts as failed. The other parts still run. */
async function part(name: string, work: () => Promise<Tally>): Promise<Tally> {
    const began = Date.now();
    console.log(`\n== ${name}`);
    let tally: Tally = CRASHED;
    try {
        tally = await work();
    } catch (error) {
        console.error(error instanceof Mistake ? error.message : error);
        console.error(`${name}: broke down: ${messageOf(error).split("\n")[0]}`);
    }
    console.log(
        `== ${name}: ${tally.passed} passed, ${tally.failed} failed, ${duration(Date.now() - began)}`,
    );
    return tally;
}
