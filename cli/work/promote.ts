/** Pins, in a stack's configuration, the release that the stack before it validated. */
import { trainerImage } from "../../components/image/trainer";
import { otherTrainer } from "../../releases/records";
import { needed, parse } from "../terminal/args";
import { changeRelease, showChange } from "../stack/change";
import { validated } from "../stack/promotion";
import { differences, named, table } from "../terminal/report";
import { openStack, openStackFor, type OpenStack } from "../stack/stack";
import { main, SetupError } from "../terminal/steps";

const USAGE = `npm run promote -- --from STACK --to STACK [--release REF] [--why TEXT] [--yes]

  --from STACK    takes the newest release that this stack validated
  --to STACK      the stack whose configuration is changed
  --release REF   another validated release: a tag, branch or commit
  --why TEXT      is written down with the release
  --yes           runs pulumi up --stack STACK afterwards`;

main(async (args) => {
    const options = { from: "text", to: "text", release: "text", why: "text", yes: "flag" } as const;
    const given = parse(args, options, USAGE);
    const names = { from: needed(given.from, "from", USAGE), to: needed(given.to, "to", USAGE) };
    if (names.from === names.to) {
        throw new SetupError(`--to: got ${names.to}, which is --from as well\n\n${USAGE}`);
    }
    const from = await openStack(names.from);
    const record = await validated(from, given.release);
    const to = await openStackFor(names.to, record.commit);
    const other = otherTrainer(record, trainerImage(to.config.trainer));
    if (other !== undefined) {
        throw new SetupError(`${other}. Nothing was changed.`);
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
    });
});

function showDifferences(from: OpenStack, to: OpenStack): void {
    const { release: _from, ...a } = from.config;
    const { release: _to, ...b } = to.config;
    const rows = differences(a, b);
    if (rows.length > 0) {
        console.log(["\nConfiguration:", ...table([["", from.name, to.name], ...rows])].join("\n"));
    }
}
