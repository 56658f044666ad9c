import { posix } from "node:path";

import { shown, UNKNOWN } from "../declared";
import { isExempt } from "../exemptions";
import type { Facts, Rule } from "../rule";
import { taskOf, volumeDevice } from "../tasks";

/** Refuses a task that runs as root, and a task that leaves the user to its image. No policy sees the image's user. */
export const noRoot: Rule = (declared) => {
    const task = taskOf(declared);
    if (task === undefined) {
        return [];
    }
    const { user, groups } = task;
    const isRoots = user.value !== UNKNOWN && hasRoot(user.value);
    return [...(isRoots ? [user] : []), ...groups.filter(({ value }) => isRoot(shown(value)))]
        .filter(({ value }) => !isExempt("no-root", declared, shown(value)))
        .map(
            ({ path, value }) =>
                `${path}: got ${shown(value)}; name a user and groups other than root's, whatever the image's own ` +
                "(components/service/users.ts)",
        );
};

/** "root", "0", "0:100", "app:0", or nothing. With nothing, the image decides. */
function hasRoot(user: unknown): boolean {
    const [name = "", ...groups] = (typeof user === "string" ? user : "").split(":");
    return name === "" || [name, ...groups].some(isRoot);
}

function isRoot(name: string): boolean {
    return /^(root|0+)$/.test(name);
}

/** Sockets of engines, in any place. */
const SOCKET = /(^|[/-])(docker|containerd|podman)\.sock$/;

/** Refuses a task that sees the engine's socket: directly, in a folder, through a link or through a volume. */
export const noEngineSocket: Rule = (declared, facts) =>
    [...(taskOf(declared)?.hostPaths ?? []), ...volumeDevice(declared)]
        .filter(({ value }) => typeof value === "string" && reachesSocket(value, facts))
        .map(
            ({ path, value }) =>
                `${path}: got ${shown(value)}, where the engine's socket is; who has it is root on the node: ` +
                "mount the folder that is needed and no other",
        );

export function reachesSocket(path: string, { sockets, followed }: Facts): boolean {
    const places = [posix.normalize(path), followed(path)].map((it) => it.replace(/(?<=.)\/+$/, ""));
    return places.some(
        (place) =>
            SOCKET.test(place) ||
            sockets.some(
                (socket) => socket === place || socket.startsWith(place === "/" ? "/" : `${place}/`),
            ),
    );
}

/** Refuses a task that has rights of root. */
export const noPrivileges: Rule = (declared) =>
    (taskOf(declared)?.privileges ?? []).map(
        ({ path, value }) =>
            `${path}: got ${shown(value)}; nothing here needs more than an ordinary container may: leave it out`,
    );
