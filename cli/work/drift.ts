/** Compares the running services with the configuration and with the stack's record. */
import { isEndOfTraining, previewOf, type ResourceChange } from "../ci/preview";
import { openStack } from "../stack/stack";
import { table } from "../terminal/report";
import { withChanges } from "../stack/withChanges";
import { prepare } from "../setup/prepare";
import { step } from "../terminal/steps";

export async function drift({ stack: name }: { stack: string }): Promise<number> {
    await prepare();
    const { stack, config } = await openStack(name);
    // Each update may train. A training run is drift only if it would make another model.
    const instead = config.training.run === "always" ? [{ key: "training.run", value: "on-change" }] : [];
    const { changes, errors } = await withChanges(name, instead, (configFile) =>
        step(`Preview of ${name}, refreshed`, () => previewOf(stack, { refresh: true, ...configFile })),
    );
    if (errors.length > 0) {
        console.error(errors.join("\n"));
        return 1;
    }
    const drifted = changes.filter((change) => !isEndOfTraining(change));
    if (drifted.length === 0) {
        console.log("\nThe running services match the configuration.");
        return 0;
    }
    const what = drifted.length === 1 ? "1 resource differs" : `${drifted.length} resources differ`;
    console.log([`\n${what} from the configuration:`, ...table(rows(drifted))].join("\n"));
    return 1;
}

function rows(changes: readonly ResourceChange[]): string[][] {
    return changes.map(({ op, name, properties }) => [op, name, properties.join(", ")]);
}
