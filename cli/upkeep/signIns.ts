/** Asks a stack's gateway who is let in. */
import { z } from "zod";
import { waitFor } from "../../common/time";
import type { InsideHttp } from "../../engine/streams/insideHttp";
import type { OpenStack } from "../stack/stack";

const OK = 200;
/** A wrong password, and a wrong password after many from one address. */
const REFUSED = [401, 429];
/** The gateway slows down an address from which more than ten wrong passwords come in a minute. */
const MOST_FORMER = 5;
/** The tasks before the update end within this time. */
const PATIENCE = { ms: 15_000, everyMs: 1_000 };

/** Passwords by user. */
export type Passwords = Readonly<Record<string, string>>;

/** A user's password, and whether the gateway has to let the user in with it. */
export interface SignIn {
    readonly user: string;
    readonly password: string;
    readonly isLetIn: boolean;
}

const outputs = z.object({
    username: z.string(),
    password: z.string(),
    passwords: z.record(z.string(), z.string()).optional(),
    users: z.record(z.string(), z.string()).optional(),
});

/** The users of the gateway that runs: their passwords, and roles by user besides the owner. */
export interface RunningUsers {
    readonly passwords: Passwords;
    readonly roles: Readonly<Record<string, string>>;
}

/** The users that the last update made. A stack of an earlier release has only its owner. */
export async function runningUsers({ stack }: OpenStack): Promise<RunningUsers> {
    const values = Object.entries(await stack.outputs()).map(([name, { value }]): [string, unknown] => [
        name,
        value,
    ]);
    const found = outputs.safeParse(Object.fromEntries(values)).data;
    if (found === undefined) {
        return { passwords: {}, roles: {} };
    }
    const { username, password, passwords = { [username]: password }, users = {} } = found;
    return { passwords, roles: users };
}

/**
 * The sign-ins to try after an update: each present password lets its user in, and a former one does not.
 *
 * @param renewed the users whose passwords were to be made again
 */
export function signInsAfter(before: Passwords, after: Passwords, renewed: readonly string[]): SignIn[] {
    const former = Object.entries(before).filter(
        ([user, password]) => after[user] !== password || renewed.includes(user),
    );
    return [
        ...Object.entries(after).map(([user, password]) => ({ user, password, isLetIn: true })),
        ...former.slice(0, MOST_FORMER).map(([user, password]) => ({ user, password, isLetIn: false })),
    ];
}

/**
 * Tries sign-ins until the gateway answers all of them as it should.
 *
 * @param api the API's address inside the network
 * @returns the problem with the answers, without a password; undefined when there is none
 */
export async function wrongSignIns(
    inside: InsideHttp,
    api: string,
    signIns: readonly SignIn[],
    patience = PATIENCE,
): Promise<string | undefined> {
    let wrong: readonly SignIn[] = signIns;
    let problem: string | undefined;
    await waitFor(async () => {
        const left: SignIn[] = [];
        const problems: string[] = [];
        for (const signIn of wrong) {
            const said = problemWith(signIn, await statusOf(inside, api, signIn));
            if (said !== undefined) {
                left.push(signIn);
                problems.push(said);
            }
        }
        wrong = left;
        problem = problems.length === 0 ? undefined : `the gateway answers ${problems.join(", ")}`;
        return problem === undefined ? true : undefined;
    }, patience);
    return problem;
}

/** "401 to the password of ci; 200 is right" */
export function problemWith({ user, isLetIn }: SignIn, status: number): string | undefined {
    const isRight = isLetIn ? status === OK : REFUSED.includes(status);
    return isRight
        ? undefined
        : `${status} to ${isLetIn ? "the" : "the former"} password of ${user}; ${isLetIn ? OK : REFUSED[0]} is right`;
}

async function statusOf(inside: InsideHttp, api: string, { user, password }: SignIn): Promise<number> {
    const credentials = { username: user, password };
    return (await inside.request({ url: `${api}/version`, credentials, ownName: false })).status;
}

/**
 * The problem with a user's role, by the gateway's answer to a request that only an admin may make; undefined when the
 * role is right. An admin's request would be passed on, so it is not made.
 */
export async function wrongRole(
    inside: InsideHttp,
    api: string,
    { user, password, role }: { user: string; password: string; role: string },
): Promise<string | undefined> {
    if (role === "admin") {
        return undefined;
    }
    const { status, body } = await inside.request({
        ...{ method: "DELETE", url: `${api}/status`, ownName: false },
        credentials: { username: user, password },
    });
    return status === 403 && body.includes(`${user} has the role ${role}.`)
        ? undefined
        : `the gateway does not take ${user} for a ${role}; it says (${status}): ${body.slice(0, 200).trim()}`;
}
