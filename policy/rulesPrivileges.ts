import { posix } from "node:path";

import { at, type Declared, shown, UNKNOWN } from "./declared";
import { isExempt } from "./exemptions";
import type { Facts, Rule } from "./rules";
import { type Place, taskOf } from "./tasks";

/** Refuses a task that says root, or leaves it to its image, which no policy sees. */
export const noRoot: Rule = (declared) => {
    const user = taskOf(declared)?.user;
    if (user === undefined || user.value === UNKNOWN || !isRoot(user.value)) {
        return [];
    }
    return isExempt("no-root", declared, shown(user.value))
        ? []
        : [
              `${user.path}: got ${shown(user.value)}; name a user other than root, whatever the image's own ` +
                  "(components/users.ts)",
          ];
};

/** "root", "0", "0:100", or nothing: then the image decides. */
function isRoot(user: unknown): boolean {
    return /^(root|0*)$/.test((typeof user === "string" ? user : "").split(":")[0]!);
}

/** Sockets of engines, wherever they lie. */
const SOCKET = /(^|[/-])(docker|containerd|podman)\.sock$/;

/** Refuses a task that sees the engine's socket, by itself, in a folder, through a link or a volume. */
export const noEngineSocket: Rule = (declared, facts) =>
    [...(taskOf(declared)?.hostPaths ?? []), ...volumeDevice(declared)]
        .filter(({ value }) => typeof value === "string" && reachesSocket(value, facts))
        .map(
            ({ path, value }) =>
                `${path}: got ${shown(value)}, where the engine's socket is; who has it is root on the node: ` +
                "mount the folder that is needed and no other",
        );

function reachesSocket(path: string, { sockets, followed }: Facts): boolean {
    const places = [posix.normalize(path), followed(path)].map((it) => it.replace(/(?<=.)\/+$/, ""));
    return places.some(
        (place) =>
            SOCKET.test(place) ||
            sockets.some(
                (socket) => socket === place || socket.startsWith(place === "/" ? "/" : `${place}/`),
            ),
    );
}

/** A volume may be a folder of the host under another name. */
function volumeDevice({ type, props }: Declared): Place[] {
    return type === "docker:index/volume:Volume"
        ? [{ path: "driverOpts.device", value: at(props, "driverOpts", "device") }]
        : [];
}

/** Refuses a task that may do what root may. */
export const noPrivileges: Rule = (declared) =>
    (taskOf(declared)?.privileges ?? []).map(
        ({ path, value }) =>
            `${path}: got ${shown(value)}; nothing here needs more than an ordinary container may: leave it out`,
    );
