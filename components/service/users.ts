import { statSync } from "node:fs";

/**
 * The user and the group that the Dockerfiles of MLflow and of the trainer make. The engine's host has no such user.
 */
export const APP_UID = "10001";
/** The user who runs this project's own code. A service from a Debian package runs as the package's own user. */
export const APP_USER = `${APP_UID}:${APP_UID}`;

/** The user who can read a folder of the engine's host: the owner, if the folder can be seen from here; never root. */
export function readerOf(folder: string, local: boolean): string {
    const stat = local ? statSync(folder, { throwIfNoEntry: false }) : undefined;
    if (stat === undefined || stat.uid === 0) {
        return APP_USER;
    }
    // The group must not be root's either, because many files of a host are open to root's group.
    return `${stat.uid}:${stat.gid === 0 ? APP_UID : stat.gid}`;
}
