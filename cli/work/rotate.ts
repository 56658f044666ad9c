/** Gives a stack new passwords. */
import { mistake } from "../../common/mistake";
import { apiInside } from "../../components/gateway/gateway";
import { asked } from "../stack/asking";
import { exportState } from "../stack/exportedState";
import { insideOf, modelOf } from "../stack/engine";
import { openStack } from "../stack/stack";
import { step } from "../terminal/steps";
import { narrowUpdate } from "../upkeep/narrowUpdate";
import { passwordsToRotate, urnsOf, usersOf } from "../upkeep/rotating";
import { runningUsers, signInsAfter, wrongSignIns } from "../upkeep/signIns";

export interface RotateArgs {
    readonly stack: string;
    /** "gateway", "services" or "database"; undefined means all. */
    readonly only: string | undefined;
    readonly yes: boolean;
}

export async function rotate(given: RotateArgs): Promise<number> {
    const stack = await openStack(given.stack);
    const { config, name } = stack;
    const passwords = passwordsToRotate(given.only, config.mlflow.backend === "postgres");
    const replace = urnsOf(name, await exportState(name), passwords);
    const users = usersOf(replace);
    const before = await runningUsers(stack);
    const reason = `new passwords: ${passwords.join(", ")}`;
    const code = await narrowUpdate({ stack, what: "the passwords", replace, reason }, () => given.yes);
    if (code === undefined) {
        console.log(`\nNew passwords would be made in ${name}: ${passwords.join(", ")}. To make them: --yes`);
        return 0;
    }
    if (code !== 0) {
        return code;
    }
    const after = await runningUsers(stack);
    const problem = await step("Check the new passwords", () =>
        asked(async () => {
            // This makes MLflow read its database.
            await (await modelOf(stack)).tags();
            const signIns = signInsAfter(before.passwords, after.passwords, users);
            return wrongSignIns(await insideOf(stack), apiInside(config), signIns);
        }),
    );
    if (problem !== undefined) {
        throw mistake(`Stack ${name}: ${problem}. Run: pulumi up --refresh --stack ${name}`);
    }
    console.log(`\nNew passwords in ${name}: ${passwords.join(", ")}.`);
    if (passwords.includes("gateway")) {
        const given = Object.keys(after.passwords).filter((user) => !users.includes(user));
        if (given.length > 0) {
            console.log(
                `  as before, because they are given: ${given.map((it) => `userPasswords.${it}`).join(", ")}`,
            );
        }
        console.log(`  npm run -s pulumi -- stack output passwords --show-secrets --stack ${name}`);
    }
    return 0;
}
