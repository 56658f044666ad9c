import { statSync } from "node:fs";

/**
 * The user and the group that the Dockerfiles of MLflow and of the trainer make. The engine's host has no such user.
 */
export const APP_UID = "10001";
/** The user who runs this project's own code. A service from a Debian package runs as the package's own user. */
export const APP_USER = `${APP_UID}:${APP_UID}`;

/**
 * The numbers of the users of Debian's packages. The engine gives a secret's file to a number. images/postgres and
 * images/monitoring make their users with these numbers, which are also those that the packages would choose.
 */
const PACKAGE_USERS: Readonly<Record<string, string>> = {
    haproxy: "100",
    postgres: "100",
    prometheus: "100",
    // A policy refuses root, and can only say so when the declaration is complete.
    root: "0",
};

/**
 * The number of a service's user.
 *
 * @param user a name, a number, or a number with its group
 * @throws an error when the number of a name is not known
 */
export function uidOf(user: string): string {
    const [name] = user.split(":") as [string];
    const uid = /^\d+$/.test(name) ? name : PACKAGE_USERS[name];
    if (uid === undefined) {
        throw new Error(
            `user: got ${user}, whose number is not known; add it to components/service/users.ts`,
        );
    }
    return uid;
}

/** The user who can read a folder of the engine's host: the owner, if the folder can be seen from here; never root. */
export function readerOf(folder: string, local: boolean): string {
    const stat = local ? statSync(folder, { throwIfNoEntry: false }) : undefined;
    if (stat === undefined || stat.uid === 0) {
        return APP_USER;
    }
    // The group must not be root's either, because many files of a host are open to root's group.
    return `${stat.uid}:${stat.gid === 0 ? APP_UID : stat.gid}`;
}
