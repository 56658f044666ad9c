/** Lists the releases that served in a stack, with time, author, versions and reason. */
import { short } from "../../common/hashes";
import { changesOf } from "../release/changes";
import { modelOf } from "../stack/engine";
import { table, when } from "../terminal/report";
import { openStack } from "../stack/stack";

export async function history({ stack: name }: { stack: string }): Promise<number> {
    const stack = await openStack(name);
    const changes = await changesOf(await modelOf(stack));
    const rows = changes.map(({ at, by, why, from, to }) => [
        when(at),
        by,
        from === undefined ? "-" : `${short(from.commit)} version ${from.version}`,
        `${short(to.commit)} version ${to.version}`,
        why,
    ]);
    console.log(`What served in ${stack.name}, newest first`);
    console.log(table([["at", "by", "from", "to", "why"], ...rows]).join("\n"));
    return 0;
}
