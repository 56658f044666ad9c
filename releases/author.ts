import { hostname, userInfo } from "node:os";

import { gitIn, linesOf } from "./git";

/**
 * The person who releases: the CI's actor, else git's user, else the user of this machine.
 * This must never fail, because it is asked last.
 */
export async function whoReleases(folder = process.cwd(), env = process.env): Promise<string> {
    const actor = firstGiven(env.GITHUB_ACTOR, env.GITLAB_USER_LOGIN);
    if (actor !== undefined) {
        return actor;
    }
    const named = await gitIn(folder)(["config", "--get", "user.name"]).then(linesOf, () => []);
    return firstGiven(named[0]?.trim()) ?? `${userOf(env)}@${attempt(hostname) ?? "unknown"}`;
}

/** The user of this process. In a container, the user may be a number without a name. */
function userOf(env: NodeJS.ProcessEnv): string {
    return (
        attempt(() => userInfo().username) ?? firstGiven(env.USER, env.LOGNAME) ?? `uid ${process.getuid?.()}`
    );
}

function attempt(asking: () => string): string | undefined {
    try {
        return firstGiven(asking());
    } catch {
        return undefined;
    }
}

function firstGiven(...values: (string | undefined)[]): string | undefined {
    return values.find((value) => value !== undefined && value !== "");
}
