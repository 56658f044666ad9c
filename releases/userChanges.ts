import { z } from "zod";

/**
 * Begins a tag of the registered model for each change of the gateway's users. The rest of the tag's name is the time,
 * and its value describes the change. Only the platform reads these tags.
 */
export const USERS_TAG = "users_";

/** Changes that are named. MLflow takes 5,000 characters in a tag, and a name has up to 32. */
const MOST = 50;

const change = z.object({
    by: z.string(),
    /** "added ci (caller)" */
    what: z.array(z.string()),
    /** The identity of the gateway's tasks that know these users. */
    tasks: z.string(),
});

/** A change of a stack's users, with its time (ISO 8601). */
export type UserChange = z.infer<typeof change> & { readonly at: string };

/** The changes of users among a registered model's tags, newest first. */
export function userChangesIn(tags: ReadonlyMap<string, string>): UserChange[] {
    return [...tags]
        .filter(([key]) => key.startsWith(USERS_TAG))
        .map(([key, text]) => ({ at: key.slice(USERS_TAG.length), ...change.parse(JSON.parse(text)) }))
        .sort((a, b) => b.at.localeCompare(a.at));
}

/** The tag for a change. */
export function userTag({ at, ...rest }: UserChange): [key: string, value: string] {
    return [`${USERS_TAG}${at}`, JSON.stringify(rest)];
}

/** The gateway's users: roles by user besides the owner, and passwords by user. */
interface Users {
    readonly roles: Readonly<Record<string, string>>;
    readonly passwords: Readonly<Record<string, string>>;
}

/**
 * The differences between the users of two updates, in words without a password: "added ci (caller)".
 *
 * @param before undefined when the last update knew no users
 */
export function changedUsers(before: Users | undefined, after: Users): string[] {
    const { roles, passwords } = before ?? { roles: {}, passwords: {} };
    const names = [...new Set([...Object.keys(roles), ...Object.keys(after.roles)])].sort();
    const ofRoles = names.flatMap((name) => {
        const [was, is] = [roles[name], after.roles[name]];
        if (was === is) {
            return [];
        }
        return was === undefined
            ? [`added ${name} (${is})`]
            : is === undefined
              ? [`removed ${name} (${was})`]
              : [`${name} is ${is} now, and was ${was}`];
    });
    const renewed = Object.keys(after.passwords).filter(
        (name) => passwords[name] !== undefined && passwords[name] !== after.passwords[name],
    );
    const all = [...ofRoles, ...renewed.sort().map((name) => `new password for ${name}`)];
    const left = all.length - MOST;
    return left > 0 ? [...all.slice(0, MOST), `and ${left} more`] : all;
}
