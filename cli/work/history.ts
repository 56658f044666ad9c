/** Lists what served in a stack, who changed its users, and its silences, with time, author and reason. */
import { userChangesIn } from "../../releases/userChanges";
import { historyRows, servingChangesIn } from "../release/changes";
import { silencesOf } from "../release/silences";
import { modelOf } from "../stack/engine";
import { openStack } from "../stack/stack";
import { harmless, table } from "../terminal/report";

export async function history({ stack: name }: { stack: string }): Promise<number> {
    const stack = await openStack(name);
    const tags = await (await modelOf(stack)).tags();
    const silences = await silencesOf(stack);
    const known = "known" in silences ? silences.known : [];
    const rows = historyRows(servingChangesIn(tags), userChangesIn(tags), known);
    console.log(`History of ${stack.name}, newest first`);
    console.log(table([["at", "by", "from", "to", "why"], ...rows]).join("\n"));
    if ("unknown" in silences) {
        console.log(harmless(`Silences are not known: ${silences.unknown}.`));
    }
    return 0;
}
