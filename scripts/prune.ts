/** Lists and removes what stacks have left on the disk: images, exported source trees, build logs. Never a volume. */
import type Docker from "dockerode";
import { connect } from "../engine/client";
import { needs, neededByEngine, neededByStack } from "./operations/images";
import {
    foundImages,
    foundLogs,
    foundTrees,
    removeFiles,
    removeImages,
    type Found,
} from "./operations/pruning";
import { sizeText } from "./operations/sizes";
import { exportState } from "./operations/state";
import { parse } from "./release/args";
import { table } from "./release/report";
import { openProject, refuseWhileUpdated } from "./release/stack";
import { CHECKOUT } from "./setup/paths";
import { main, SetupError } from "./setup/steps";

const USAGE = `npm run prune -- --stack STACK|--all [--yes]

  --stack STACK   on the engine of this stack
  --all           on the engine of every stack
  --yes           removes what is listed as not needed`;

main(async (args) => {
    const given = parse(args, { stack: "text", all: "flag", yes: "flag" } as const, USAGE);
    if (given.all === (given.stack !== undefined)) {
        throw new SetupError(`--stack STACK or --all: one of them is needed\n\n${USAGE}`);
    }
    const project = await openProject();
    const stacks = await project.listStacks();
    const asked = given.stack === undefined ? stacks : stacks.filter(({ name }) => name === given.stack);
    if (asked.length === 0) {
        throw new SetupError(
            given.stack === undefined
                ? "There is no stack, so there is no engine to look at."
                : `--stack: got ${given.stack}; the stacks are ${stacks.map(({ name }) => name).join(", ")}.`,
        );
    }
    const hosts = await Promise.all(
        asked.map(async ({ name }) => (await project.getAllConfig(name))["docker:host"]?.value),
    );
    const engines = await Promise.all([...new Set(hosts)].map(connect));
    const [began, clocks] = [Date.now(), await Promise.all(engines.map(clockOf))];
    if (given.yes) {
        // What an update makes is in the state at its end; one that begins later is told by the times of what it makes.
        for (const { name } of stacks) {
            await refuseWhileUpdated(name);
        }
    }
    // Every stack counts, whichever engine it lives on.
    const named = await Promise.all(
        stacks.map(async ({ name }) => neededByStack(name, await exportState(name))),
    );
    const used = await Promise.all(engines.map(neededByEngine));
    const reasons = needs([...named.flat(), ...used.flat()]);

    const images = await Promise.all(engines.map((engine) => foundImages(engine, reasons)));
    const files = [...foundTrees(CHECKOUT, reasons), ...foundLogs(CHECKOUT, reasons)];
    const unneeded = [...images.flat(), ...files].filter(({ needed }) => needed === undefined);
    show([...images.flat(), ...files]);
    if (given.yes) {
        await Promise.all(
            engines.map((engine, at) =>
                removeImages(
                    engine,
                    images[at]!.filter((it) => it.needed === undefined),
                    clocks[at]!,
                ),
            ),
        );
        removeFiles(CHECKOUT, unneeded, began);
    }
    const total = `${unneeded.length} not needed, ${sizeText(unneeded.reduce((sum, { bytes }) => sum + bytes, 0))}`;
    console.log(
        `\n${total}${given.yes ? ": removed" : unneeded.length > 0 ? "; to remove them: --yes" : ""}`,
    );
    return 0;
});

/** The time of an engine's machine, in milliseconds. */
async function clockOf(engine: Docker): Promise<number> {
    const { SystemTime } = (await engine.info()) as { SystemTime: string };
    return Date.parse(SystemTime);
}

function show(found: readonly Found[]): void {
    const rows = found.map(({ what, name, bytes, needed }) => [
        what,
        name,
        sizeText(bytes),
        needed ?? "not needed",
    ]);
    console.log(table([["what", "name", "size", "needed by"], ...rows]).join("\n"));
}
