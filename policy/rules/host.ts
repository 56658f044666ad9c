import { posix } from "node:path";

import { at, type Declared, list, shown, UNKNOWN } from "../declared";
import { isExempt } from "../exemptions";
import type { Facts, Rule } from "../rule";
import { reachesSocket } from "./privileges";
import { type Place, taskOf, volumeDevice } from "../tasks";

/** The system's own folders of a host. With one of them, a task learns the host's secrets or becomes root. */
const SYSTEM = [
    ...["/boot", "/dev", "/etc", "/lib/modules", "/proc", "/run", "/sys", "/usr", "/var/run"],
    ...["/var/lib/containerd", "/var/lib/docker", "/var/lib/kubelet", "/var/log", "/var/spool"],
];
/** Folders below these where people may still keep their own disks and files. */
const OTHERS = ["/dev/shm", "/run/media", "/usr/local", "/usr/src"];
/** Folders of credentials, in any place. */
const CREDENTIALS = new Set([".aws", ".azure", ".docker", ".gnupg", ".kube", ".pulumi", ".ssh"]);

/** Refuses folders of the host that are not data or code, and folders that a task may write to. */
export const hostFolders: Rule = (declared, facts) => [
    ...[...(taskOf(declared)?.hostPaths ?? []), ...volumeDevice(declared)]
        .filter(
            ({ value }) =>
                typeof value === "string" && isSystems(value, facts) && !reachesSocket(value, facts),
        )
        .map(
            ({ path, value }) =>
                `${path}: got ${shown(value)}, which is or holds what is the host's own; ` +
                "mount the folder that is needed and no other",
        ),
    ...writable(declared)
        .filter(({ target }) => !isExempt("host-folders", declared, shown(target)))
        .map(
            ({ path, value }) =>
                `${path}: got ${shown(value)} to write to; a folder of the host is mounted read-only`,
        ),
];

function isSystems(path: string, { followed }: Facts): boolean {
    return [posix.normalize(path), followed(path)].some((place) => {
        const isOpen = OTHERS.some((folder) => isWithin(place, folder));
        const parts = place.split("/");
        return (
            !place.startsWith("/") ||
            parts.some((part) => CREDENTIALS.has(part)) ||
            SYSTEM.some((folder) => (!isOpen && isWithin(place, folder)) || isWithin(folder, place))
        );
    });
}

function isWithin(path: string, folder: string): boolean {
    return `${path}/`.startsWith(folder === "/" ? "/" : `${folder.replace(/\/+$/, "")}/`);
}

/** Binds that a task may write to, in every form of declaration. */
function writable(declared: Declared): (Place & { target: unknown })[] {
    const binds = (taskOf(declared)?.mounts ?? [])
        .filter(({ value }) => at(value, "type") === "bind")
        .map(({ path, value }) => ({ path, value, source: "source", target: "target" }));
    const volumes = list(at(declared.props, "volumes"))
        .map((value, index) => ({
            path: `volumes[${index}]`,
            value,
            source: "hostPath",
            target: "containerPath",
        }))
        .filter(({ value, source }) => at(value, source) !== undefined);
    return [...binds, ...volumes]
        .filter(({ value }) => !isReadOnly(at(value, "readOnly")))
        .map(({ path, value, source, target }) => ({
            path,
            value: at(value, source),
            target: at(value, target),
        }));
}

function isReadOnly(value: unknown): boolean {
    return value === true || value === UNKNOWN;
}
