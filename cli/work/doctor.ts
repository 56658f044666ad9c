/**
 * Shows what this project needs, which parts exist and work, and the remedy for the others.
 *
 * It changes nothing, and asks all questions side by side. It ends within fifteen seconds, and mostly in two.
 * (cli/run, which starts it, installs npm packages if node_modules does not match package-lock.json.) The exit code
 * is 1 when something has FAILED.
 */
import { mistake } from "../../common/mistake";
import { diskChecks } from "../doctor/disk";
import { engineChecks, lookAtEngine } from "../doctor/engine";
import { section, type Section } from "../doctor/finding";
import { gitChecks } from "../doctor/git";
import { arranged, listStacks, pulumiChecks } from "../doctor/pulumi";
import { screen } from "../doctor/screen";
import { stackChecks } from "../doctor/stacks";
import { toolChecks } from "../doctor/tools";

/** The time between the last answer and the end. */
const REPORT_MS = 300;
/** The share of a check's time that one of its steps may take, such as an engine's ping or a command. */
const STEP_SHARE = 0.7;
const TENTH_MS = 100;
/** The width of an output that is no terminal. */
const COLUMNS = 100;

export async function doctor({ json, within }: { json: boolean; within: string }): Promise<number> {
    const leftMs = secondsOf(within) * 1000 - performance.now() - REPORT_MS;
    const sections = await examine(rounded(leftMs));
    const isWell = sections.every(({ findings }) => findings.every(({ mark }) => mark !== "FAILED"));
    const { isTTY, columns } = process.stdout;
    const colours = isTTY && process.env.NO_COLOR === undefined;
    const report = json
        ? JSON.stringify({ ok: isWell, sections }, null, 2)
        : screen(sections, { columns: isTTY ? columns : COLUMNS, colours });
    // A connection without an answer would keep this process alive, so end it.
    process.stdout.write(`${report}\n`, () => process.exit(isWell ? 0 : 1));
    return new Promise<number>(() => undefined);
}

function secondsOf(text: string): number {
    if (!/^[1-9]\d*$/.test(text)) {
        throw mistake(`--within: got ${text}; needs a number of seconds. Nothing was changed.`);
    }
    return Number(text);
}

/** Rounded to tenths of a second, as messages show it; at least one tenth. */
function rounded(ms: number): number {
    return Math.max(Math.floor(ms / TENTH_MS), 1) * TENTH_MS;
}

async function examine(limitMs: number): Promise<Section[]> {
    const stepMs = rounded(limitMs * STEP_SHARE);
    const looking = lookAtEngine(stepMs);
    // The first check that awaits it gets the reason why there is none.
    looking.catch(() => undefined);
    const environment = await arranged(stepMs);
    const looks = {
        environment,
        listing: environment === undefined ? Promise.resolve(undefined) : listStacks(environment, stepMs),
        // The engine's own check has the reason why there is none.
        engine: looking.catch(() => undefined),
    };
    return Promise.all([
        section("Tools", toolChecks(stepMs), limitMs),
        section("Pulumi", pulumiChecks(looks.listing, stepMs), limitMs),
        section("Docker engine", engineChecks(looking), limitMs),
        section("Disk", diskChecks(looks.engine), limitMs),
        section("Git", gitChecks(stepMs), limitMs),
        section("Stacks", stackChecks(looks, stepMs, limitMs), limitMs),
    ]);
}
