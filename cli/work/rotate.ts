/** Gives a stack new passwords. */
import { mistake } from "../../common/mistake";
import { apiInside } from "../../components/gateway/gateway";
import { asked } from "../stack/asking";
import { passwordsToRotate, refusePending, statusWith, urnsOf, wrongStatuses } from "../upkeep/rotating";
import { exportState } from "../stack/exportedState";
import { insideOf, modelOf } from "../stack/engine";
import { run } from "../stack/run";
import { openStack, type OpenStack } from "../stack/stack";
import { withChanges } from "../stack/withChanges";
import { step } from "../terminal/steps";

export interface RotateArgs {
    readonly stack: string;
    /** "gateway" or "database"; undefined means both. */
    readonly only: string | undefined;
    readonly yes: boolean;
}

export async function rotate(given: RotateArgs): Promise<number> {
    const stack = await openStack(given.stack);
    const { config, name } = stack;
    const passwords = passwordsToRotate(given.only, config.mlflow.backend === "postgres");
    const replace = urnsOf(name, await exportState(name), passwords);
    const before = await login(stack);
    // New passwords are no reason to train.
    const changes = config.training.run === "always" ? [{ key: "training.run", value: "never" }] : [];
    const code = await withChanges(name, changes, async (configFile) => {
        await step("Check that nothing else would change", () => refusePending(stack, configFile));
        if (!given.yes) {
            console.log(
                `\nNew passwords would be made in ${name}: ${passwords.join(", ")}. To make them: --yes`,
            );
            return 0;
        }
        return run(stack.stack, {
            ...configFile,
            replace,
            reason: `new passwords: ${passwords.join(", ")}`,
        });
    });
    if (code !== 0 || !given.yes) {
        return code;
    }
    const after = await login(stack);
    const problem = await step("Check the new passwords", () =>
        asked(async () => {
            const inside = await insideOf(stack);
            const status = (password: string) =>
                statusWith(inside, apiInside(config), after.username, password);
            const [withOld, withNew] = [await status(before.password), await status(after.password)];
            // This makes MLflow read its database.
            await (await modelOf(stack)).tags();
            return wrongStatuses(passwords.includes("gateway"), withOld, withNew);
        }),
    );
    if (problem !== undefined) {
        throw mistake(`Stack ${name}: ${problem}. Run: pulumi up --refresh --stack ${name}`);
    }
    console.log(`\nNew passwords in ${name}: ${passwords.join(", ")}.`);
    if (passwords.includes("gateway")) {
        console.log(`  npm run -s pulumi -- stack output password --show-secrets --stack ${name}`);
    }
    return 0;
}

async function login({ stack }: OpenStack): Promise<{ username: string; password: string }> {
    const { username, password } = await stack.outputs();
    return { username: String(username?.value), password: String(password?.value) };
}
