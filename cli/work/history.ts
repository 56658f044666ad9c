/** Lists the releases that served in a stack, with time, author, versions and reason. */
import { changesOf } from "../stack/changes";
import { modelOf } from "../stack/engine";
import { table, when } from "../terminal/report";
import { openStack } from "../stack/stack";

const SHORT = 7;

export async function history({ stack: name }: { stack: string }): Promise<number> {
    const stack = await openStack(name);
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
}
