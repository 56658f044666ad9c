/** Tells whether what runs is what the configuration says, and what the stack's record says. */
import { previewOf, type ResourceChange } from "./ci/preview";
import { needed, parse } from "./release/args";
import { openStack } from "./release/stack";
import { table } from "./release/report";
import { prepare } from "./setup/prepare";
import { main, step } from "./setup/steps";

const USAGE = `npm run drift -- --stack STACK

  --stack STACK   the stack that is compared with the engine and with its configuration`;

main(async (args) => {
    const given = parse(args, { stack: "text" } as const, USAGE);
    const name = needed(given.stack, "stack", USAGE);
    await prepare();
    const { stack, config } = await openStack(name);
    const { changes, errors } = await step(`Preview of ${name}, refreshed`, () =>
        previewOf(stack, { refresh: true }),
    );
    if (errors.length > 0) {
        console.error(errors.join("\n"));
        return 1;
    }
    // With training.run always, each up trains: that is no drift.
    const drifted =
        config.training.run === "always" ? changes.filter((change) => !isTraining(change)) : changes;
    if (drifted.length === 0) {
        console.log("\nWhat runs is what the configuration says.");
        return 0;
    }
    const what = drifted.length === 1 ? "1 resource differs" : `${drifted.length} resources differ`;
    console.log([`\n${what} from the configuration:`, ...table(rows(drifted))].join("\n"));
    return 1;
});

function isTraining({ type, name }: ResourceChange): boolean {
    return type === "docker:index/container:Container" && name.startsWith("training");
}

function rows(changes: readonly ResourceChange[]): string[][] {
    return changes.map(({ op, name, properties }) => [op, name, properties.join(", ")]);
}
