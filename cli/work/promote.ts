/** Pins a release in a stack's configuration. The stack before it has validated the release. */
import { mistake } from "../../common/mistake";
import { trainerImage } from "../../components/image/trainer";
import { otherTrainer } from "../../releases/promotions";
import type { ReleaseRecord } from "../../releases/records";
import { changeRelease, showChange } from "../release/change";
import { validated } from "../release/promotion";
import { differences, named, table } from "../terminal/report";
import { lookingAt, openStack, openStackFor, type OpenStack } from "../stack/stack";

export interface PromoteArgs {
    readonly from: string;
    readonly to: string;
    readonly release: string | undefined;
    readonly why: string | undefined;
    readonly yes: boolean;
    readonly "dry-run": boolean;
}

export async function promote(given: PromoteArgs): Promise<number> {
    if (given.from === given.to) {
        throw mistake(`--to: got ${given.to}, which is --from as well. Nothing was changed.`);
    }
    const from = await openStack(given.from);
    const record = await validated(from, given.release);
    const work = (to: OpenStack) => promoted(given, from, record, to);
    return given["dry-run"]
        ? lookingAt(given.to, record.commit, work)
        : work(await openStackFor(given.to, record.commit));
}

async function promoted(
    given: PromoteArgs,
    from: OpenStack,
    record: ReleaseRecord,
    to: OpenStack,
): Promise<number> {
    const other = otherTrainer(record, trainerImage(to.config.trainer));
    if (other !== undefined) {
        throw mistake(`${other}. Nothing was changed.`);
    }
    console.log(`Promotion of ${named(record)} from ${from.name} to ${to.name}`);
    console.log(`  validated in ${from.name} at ${record.at} by ${record.by}`);
    await showChange(to, record);
    showDifferences(from, to);
    return changeRelease({
        to,
        record,
        reason: given.why ?? `promotion from ${from.name}`,
        more: [{ key: "promoteFrom", value: from.name }],
        yes: given.yes,
        dryRun: given["dry-run"],
    });
}

function showDifferences(from: OpenStack, to: OpenStack): void {
    const { release: _from, ...a } = from.config;
    const { release: _to, ...b } = to.config;
    const rows = differences(a, b);
    if (rows.length > 0) {
        console.log(["\nConfiguration:", ...table([["", from.name, to.name], ...rows])].join("\n"));
    }
}
