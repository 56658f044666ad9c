import { hostname, userInfo } from "node:os";

import { gitIn, linesOf } from "./git";

/** Who is releasing: the CI's actor, else git's user, else the user of this machine. Never fails: it is asked last. */
export async function whoReleases(folder = process.cwd(), env = process.env): Promise<string> {
    const actor = firstGiven(env.GITHUB_ACTOR, env.GITLAB_USER_LOGIN);
    if (actor !== undefined) {
        return actor;
    }
    const named = await gitIn(folder)(["config", "--get", "user.name"]).then(linesOf, () => []);
    return firstGiven(named[0]?.trim()) ?? `${userOf(env)}@${attempt(hostname) ?? "unknown"}`;
}

/** The user of this process; a container may run as a number that has no name. */
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
