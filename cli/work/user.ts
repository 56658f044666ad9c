/** Lists, adds and removes the users of a stack, or gives one a new password. */
import { relative } from "node:path";
import { mistake } from "../../common/mistake";
import { parseJson } from "../../common/json";
import { apiInside } from "../../components/gateway/gateway";
import { passwordName } from "../../components/gateway/users";
import { stackPrefix } from "../../components/stack/deployment";
import { projectName } from "../local/checkout";
import { CHECKOUT } from "../local/paths";
import { asked } from "../stack/asking";
import { insideOf } from "../stack/engine";
import { exportState } from "../stack/exportedState";
import { openStack, type OpenStack } from "../stack/stack";
import { changeStackFile, stackFileChanges, type Change } from "../stack/stackFile";
import { table } from "../terminal/report";
import { step } from "../terminal/steps";
import { narrowUpdate } from "../upkeep/narrowUpdate";
import { GATEWAY, urnOf } from "../upkeep/rotating";
import { type RunningUsers, runningUsers, signInsAfter, wrongRole, wrongSignIns } from "../upkeep/signIns";
import {
    additions,
    changedBy,
    GIVEN_KEY,
    refuseToRotate,
    removals,
    type UserAction,
    userAction,
    userRows,
    type Users,
} from "../upkeep/users";

export interface UserOptions {
    readonly stack: string;
    readonly role: string | undefined;
    readonly yes: boolean;
    readonly "dry-run": boolean;
}

type Changing = Exclude<UserAction, { kind: "list" }>;

export async function user(given: UserOptions, words: readonly string[]): Promise<number> {
    const action = userAction(words, given.role);
    const stack = await openStack(given.stack);
    const running = await runningUsers(stack);
    const users: Users = {
        configured: stack.config.access.users,
        running: running.roles,
        given: await givenUsers(stack),
    };
    if (action.kind === "list") {
        console.log(`Users of ${stack.name}`);
        console.log(table(userRows(users)).join("\n"));
        return 0;
    }
    const changes = changesFor(action, users, stack.name);
    // A file that cannot be changed is refused before anything else.
    const lines = stackFileChanges(stack.file, changes);
    if (!given.yes) {
        return propose(stack, action, changes, lines, given["dry-run"]);
    }
    return update(stack, action, changes, running);
}

function changesFor(action: Changing, users: Users, stack: string): Change[] {
    switch (action.kind) {
        case "add":
            return additions(users, action.name, action.role);
        case "remove":
            return removals(users, action.name);
        case "rotate":
            refuseToRotate(users, action.name, stack);
            return [];
    }
}

/** The users whose passwords are given. Pulumi decrypts the passwords to tell; they go no further. */
async function givenUsers({ stack }: OpenStack): Promise<string[]> {
    const values = await stack.getAllConfig();
    const given = parseJson(values[`${projectName()}:${GIVEN_KEY}`]?.value ?? "{}");
    return typeof given === "object" && given !== null ? Object.keys(given) : [];
}

/** Changes the stack's file for review, or only shows the change. */
function propose(
    { name, file }: OpenStack,
    action: Changing,
    changes: readonly Change[],
    lines: readonly string[],
    isDry: boolean,
): number {
    if (action.kind === "rotate") {
        console.log(
            `${action.name} would get a new password in ${name}. To make it: --yes. Nothing was changed.`,
        );
        return 0;
    }
    const path = relative(CHECKOUT, file);
    const has = lines.length > 0 ? "" : `${path} says so already.`;
    if (isDry) {
        console.log(
            [has || `${path} would be changed:`, ...indented(lines), "", "Nothing was changed."].join("\n"),
        );
        return 0;
    }
    changeStackFile(file, changes);
    console.log([has || `${path} is changed:`, ...indented(lines)].join("\n"));
    console.log(`\nReview it (git diff ${path}), commit it, and bring the stack up:`);
    console.log(`  pulumi up --stack ${name}`);
    return 0;
}

/** Changes the file and the stack, and checks by the gateway that it has come about. */
async function update(
    stack: OpenStack,
    action: Changing,
    changes: readonly Change[],
    before: RunningUsers,
): Promise<number> {
    const { name } = stack;
    const isRotated = action.kind === "rotate";
    const code = await narrowUpdate(
        {
            ...{ stack, changes },
            what: isRotated ? "the password" : "the users",
            allowed: isRotated ? [] : changedBy(action.name, stackPrefix(stack.owner)),
            replace: isRotated ? [await passwordUrn(name, action.name)] : [],
            reason: `users: ${told(action)}`,
        },
        () => {
            indented(changeStackFile(stack.file, changes)).forEach((line) => console.log(line));
            return true;
        },
    );
    if (code !== 0) {
        return code ?? 0;
    }
    const after = await runningUsers(stack);
    const problem = await step("Check it by the gateway", () =>
        asked(async () => {
            const [inside, api] = [await insideOf(stack), apiInside(stack.config)];
            const signIns = signInsAfter(before.passwords, after.passwords, isRotated ? [action.name] : []);
            const wrong = await wrongSignIns(
                inside,
                api,
                // The others have not changed.
                signIns.filter((it) => it.user === action.name),
            );
            const password = after.passwords[action.name];
            return wrong === undefined && action.kind === "add" && password !== undefined
                ? wrongRole(inside, api, { user: action.name, password, role: action.role })
                : wrong;
        }),
    );
    if (problem !== undefined) {
        throw mistake(`Stack ${name}: ${problem}. Run: pulumi up --refresh --stack ${name}`);
    }
    console.log(`\nUsers of ${name}: ${told(action)}.`);
    if (action.kind !== "remove") {
        console.log(`Its password, among all of them:`);
        console.log(`  npm run -s pulumi -- stack output passwords --show-secrets --stack ${name}`);
    }
    return 0;
}

async function passwordUrn(stack: string, user: string): Promise<string> {
    const urn = urnOf(await exportState(stack), passwordName(GATEWAY, user));
    if (urn === undefined) {
        throw mistake(
            `Stack ${stack}: its state has no password of ${user}. Run: pulumi up --stack ${stack}. Nothing was changed.`,
        );
    }
    return urn;
}

/** "added ci (caller)" */
function told(action: Changing): string {
    switch (action.kind) {
        case "add":
            return `added ${action.name} (${action.role})`;
        case "remove":
            return `removed ${action.name}`;
        case "rotate":
            return `new password for ${action.name}`;
    }
}

function indented(lines: readonly string[]): string[] {
    return lines.map((line) => `  ${line}`);
}
