/** What served in a stack: when, by whom, from what, to what, and why. */
import { needed, parse } from "./release/args";
import { changesOf } from "./release/changes";
import { insideOf } from "./release/engine";
import { table } from "./release/report";
import { openStack } from "./release/stack";
import { main } from "./setup/steps";

const USAGE = "npm run history -- --stack STACK";
const SHORT = 7;

main(async (args) => {
    const given = parse(args, { stack: "text" } as const, USAGE);
    const stack = await openStack(needed(given.stack, "stack", USAGE));
    const changes = await changesOf(await insideOf(stack), stack.config.model.name);
    const rows = changes.map(({ at, by, why, from, to }) => [
        at.slice(0, "2026-01-01T00:00:00".length).replace("T", " "),
        by,
        from === undefined ? "-" : `${from.commit.slice(0, SHORT)} version ${from.version}`,
        `${to.commit.slice(0, SHORT)} version ${to.version}`,
        why,
    ]);
    console.log(`What served in ${stack.name}, newest first`);
    console.log(table([["at", "by", "from", "to", "why"], ...rows]).join("\n"));
    return 0;
});
