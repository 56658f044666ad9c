/** Gives a stack new passwords, or a new certificate of its own. */
import { mistake } from "../../common/mistake";
import { apiInside } from "../../components/gateway/gateway";
import { asked } from "../stack/asking";
import { exportState } from "../stack/exportedState";
import { insideOf, modelOf } from "../stack/engine";
import { openStack } from "../stack/stack";
import { step } from "../terminal/steps";
import { narrowUpdate } from "../upkeep/narrowUpdate";
import { type Renewed, toRenew, urnsOf, usersOf } from "../upkeep/rotating";
import { runningUsers, signInsAfter, wrongSignIns } from "../upkeep/signIns";

export interface RotateArgs {
    readonly stack: string;
    /** "gateway", "services", "database" or "certificate"; undefined means all but the certificate. */
    readonly only: string | undefined;
    readonly yes: boolean;
}

/** How the command speaks of what it makes. */
interface Words {
    /** As a refusal names it. */
    readonly what: string;
    readonly reason: string;
    readonly check: string;
    readonly dry: (stack: string) => string;
}

const CERTIFICATE: Words = {
    what: "the certificate",
    reason: "a new certificate",
    check: "Check that the gateway answers",
    dry: (stack) => `A new certificate would be made in ${stack}. To make it: --yes`,
};

function passwordWords(renewed: readonly Renewed[]): Words {
    const names = renewed.join(", ");
    return {
        what: "the passwords",
        reason: `new passwords: ${names}`,
        check: "Check the new passwords",
        dry: (stack) => `New passwords would be made in ${stack}: ${names}. To make them: --yes`,
    };
}

export async function rotate(given: RotateArgs): Promise<number> {
    const stack = await openStack(given.stack);
    const { config, name } = stack;
    const renewed = toRenew(given.only, {
        hasDatabase: config.mlflow.backend === "postgres",
        hasOwnCertificate: config.tls.selfSigned,
    });
    const isCertificate = renewed.includes("certificate");
    const words = isCertificate ? CERTIFICATE : passwordWords(renewed);
    const replace = urnsOf(name, await exportState(name), renewed);
    const users = usersOf(replace);
    const before = await runningUsers(stack);
    const { what, reason } = words;
    const code = await narrowUpdate({ stack, what, replace, reason }, () => given.yes);
    if (code === undefined) {
        console.log(`\n${words.dry(name)}`);
        return 0;
    }
    if (code !== 0) {
        return code;
    }
    const after = await runningUsers(stack);
    const problem = await step(words.check, () =>
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
    if (isCertificate) {
        console.log(`\nA new certificate in ${name}. For clients to trust it:`);
        console.log(`  npm run -s pulumi -- stack output certificate --stack ${name} > ${name}.pem`);
        return 0;
    }
    console.log(`\nNew passwords in ${name}: ${renewed.join(", ")}.`);
    if (renewed.includes("gateway")) {
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
