import { type Stats, statSync } from "node:fs";

import { mistake } from "../../common/mistake";
import { APP_UID } from "../service/users";

/** The rights to write of a file's owner, of its group and of everybody. */
const WRITE = { owner: 0o200, group: 0o020, others: 0o002 };

/**
 * Refuses a folder for backups that is not there, or that the service may not write to, before anything is made.
 *
 * @param folder of the engine's host; undefined for a volume
 * @param local whether that host is this machine, so that the folder can be seen
 */
export function refuseUnwritable(folder: string | undefined, local: boolean): void {
    if (folder === undefined || !local) {
        return;
    }
    const stat = statSync(folder, { throwIfNoEntry: false });
    const problem =
        stat?.isDirectory() !== true
            ? "there is no such folder"
            : mayWrite(stat)
              ? undefined
              : `the service's user ${APP_UID} may not write to it`;
    if (problem !== undefined) {
        const make = `sudo install -d -o ${APP_UID} -g ${APP_UID} -m 700 ${folder}`;
        throw mistake(`backup.folder: got ${folder}; ${problem}; make it: ${make}. Nothing was changed.`);
    }
}

function mayWrite({ uid, gid, mode }: Stats): boolean {
    const user = Number(APP_UID);
    const right = uid === user ? WRITE.owner : gid === user ? WRITE.group : WRITE.others;
    return (mode & right) !== 0;
}
