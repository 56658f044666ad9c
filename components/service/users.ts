import { statSync } from "node:fs";

/** The user, and its group, that the Dockerfiles of MLflow and of the trainer make; nobody of the engine's host. */
export const APP_UID = "10001";
/** Who runs what this project wrote; a Debian package's service runs as the package's own user. */
export const APP_USER = `${APP_UID}:${APP_UID}`;

/** Who can read a folder of the engine's host: its owner, where that is seen from here; never root. */
export function readerOf(folder: string, local: boolean): string {
    const stat = local ? statSync(folder, { throwIfNoEntry: false }) : undefined;
    if (stat === undefined || stat.uid === 0) {
        return APP_USER;
    }
    // Nor in root's group, which many files of a host are open to.
    return `${stat.uid}:${stat.gid === 0 ? APP_UID : stat.gid}`;
}
