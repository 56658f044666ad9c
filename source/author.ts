import { execFile } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Who is releasing: the CI's actor, else git's user, else the user of this machine. */
export async function whoReleases(): Promise<string> {
    const actor = process.env.GITHUB_ACTOR ?? process.env.GITLAB_USER_LOGIN;
    if (actor !== undefined && actor !== "") {
        return actor;
    }
    try {
        const { stdout } = await run("git", ["config", "--get", "user.name"]);
        return stdout.trim();
    } catch {
        return `${userInfo().username}@${hostname()}`;
    }
}
