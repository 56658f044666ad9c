/** What served in a stack: when, by whom, from what, to what, and why. */
import { needed, parse } from "../terminal/args";
import { changesOf } from "../stack/changes";
import { modelOf } from "../stack/engine";
import { table, when } from "../terminal/report";
import { openStack } from "../stack/stack";
import { main } from "../terminal/steps";

const USAGE = "npm run history -- --stack STACK";
const SHORT = 7;

main(async (args) => {
    const given = parse(args, { stack: "text" } as const, USAGE);
    const stack = await openStack(needed(given.stack, "stack", USAGE));
    const changes = await changesOf(await modelOf(stack));
    const rows = changes.map(({ at, by, why, from, to }) => [
        when(at),
        by,
        from === undefined ? "-" : `${from.commit.slice(0, SHORT)} version ${from.version}`,
        `${to.commit.slice(0, SHORT)} version ${to.version}`,
        why,
    ]);
    console.log(`What served in ${stack.name}, newest first`);
    console.log(table([["at", "by", "from", "to", "why"], ...rows]).join("\n"));
    return 0;
});
