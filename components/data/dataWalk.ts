import { constants, lstatSync, readdirSync, type Stats, statSync } from "node:fs";

import { type Leads, whereTo } from "./dataLinks";
import { shownPath } from "./pathText";

/** A file that the trainer can see: its name below the folder, and the values that show a change. */
export interface DataFile {
    name: Buffer;
    said: readonly (string | number)[];
}

export interface DataWalk {
    /** Sorted by name. */
    files: DataFile[];
    /** Entries that the trainer would not see: "path: what it is; what to do". */
    problems: string[];
}

/** The folder in which a file system keeps files for its repair. It belongs to root and never holds data. */
const LOST_AND_FOUND = "lost+found";
const SLASH = Buffer.from("/");
const DOT = ".".charCodeAt(0);

/** Looks at everything in a folder. A hidden entry that the trainer would not see is no data, so it is passed over. */
export function walk(root: string, mountedAt: string, reader: string): DataWalk {
    const found: DataWalk = { files: [], problems: [] };
    const access = accessOf(reader);

    const look = (name: Buffer, isHidden: boolean): void => {
        const path = below(root, name);
        // The entry may be gone since it was listed, because somebody works in the folder.
        const stat = lstatSync(path, { throwIfNoEntry: false });
        const problem = (text: string) => {
            if (!isHidden) {
                found.problems.push(`${shownPath(path)}: ${text}`);
            }
        };
        if (stat === undefined) {
            return;
        }
        if (stat.isSymbolicLink()) {
            const leads = whereTo(root, mountedAt, name);
            return leads.kind === "inside" ? addLink(name, leads) : problem(aboutLink(leads));
        }
        if (stat.isDirectory()) {
            return folder(name, stat, isHidden, problem);
        }
        if (!stat.isFile()) {
            return problem(`it is ${kindOf(stat)}, which is no data; remove it`);
        }
        return access(stat) ? add(name, stat) : problem(closed(path, reader));
    };
    const folder = (name: Buffer, stat: Stats, isHidden: boolean, problem: (text: string) => void): void => {
        const path = below(root, name);
        if (!access(stat)) {
            return problem(closed(path, reader));
        }
        try {
            for (const entry of readdirSync(path, { encoding: "buffer" })) {
                const inner = name.length === 0 ? entry : Buffer.concat([name, SLASH, entry]);
                if (!isLostAndFound(root, inner)) {
                    look(inner, isHidden || entry[0] === DOT);
                }
            }
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EACCES") {
                throw error;
            }
            problem(
                `this user may not look into it, so a change would not be seen; run: chmod a+rx ${shownPath(path)}`,
            );
        }
    };
    const add = (name: Buffer, { size, mtimeMs }: Stats): void =>
        void found.files.push({ name, said: [size, mtimeMs] });
    const addLink = (name: Buffer, { target }: Extract<Leads, { kind: "inside" }>): void => {
        const stat = statSync(below(root, target));
        // The content of a linked folder is seen at the place of that folder.
        if (stat.isDirectory()) {
            found.files.push({ name, said: ["link", target.toString("latin1")] });
        } else {
            add(name, stat);
        }
    };

    const nothing = Buffer.alloc(0);
    folder(nothing, statSync(root), false, (text) => found.problems.push(`${shownPath(root)}: ${text}`));
    const text = new Map(found.files.map(({ name }) => [name, name.toString("utf8")]));
    found.files.sort(
        (a, b) => compared(text.get(a.name)!, text.get(b.name)!) || Buffer.compare(a.name, b.name),
    );
    return found;
}

/** Compares by code unit. */
function compared(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}

function below(root: string, name: Buffer): Buffer {
    return name.length === 0 ? Buffer.from(root) : Buffer.concat([Buffer.from(root), SLASH, name]);
}

/** This folder may be at any depth, because a disk may be mounted there. */
function isLostAndFound(root: string, name: Buffer): boolean {
    const isNamedSo = `/${name.toString("latin1")}`.endsWith(`/${LOST_AND_FOUND}`);
    return isNamedSo && lstatSync(below(root, name)).isDirectory();
}

/** Whether a user of a container may read a file, or list and enter a folder. The user has only one group. */
function accessOf(reader: string): (stat: Stats) => boolean {
    const [uid, gid] = reader.split(":").map(Number);
    const { S_IRUSR, S_IXUSR } = constants;
    return (stat) => {
        const shift = stat.uid === uid ? 0 : stat.gid === gid ? 3 : 6;
        const wanted = (stat.isDirectory() ? S_IRUSR | S_IXUSR : S_IRUSR) >> shift;
        return (stat.mode & wanted) === wanted;
    };
}

function closed(path: Buffer, reader: string): string {
    return `the trainer's container runs as user ${reader}, who may not read it; run: chmod -R a+rX ${shownPath(path)}`;
}

function aboutLink(leads: Exclude<Leads, { kind: "inside" }>): string {
    const to = shownPath(leads.says);
    switch (leads.kind) {
        case "nothing":
            return `it is a link to ${to}, where nothing is; remove it, or put the file itself here`;
        case "loop":
            return `it is a link that leads back to itself (${to}); remove it`;
        case "outside":
            return (
                `it is a link to ${to}, out of the folder, and the trainer's container sees the folder alone; ` +
                "put the file itself here, or a hard link where that is the same disk"
            );
    }
}

function kindOf(stat: Stats): string {
    return stat.isFIFO() ? "a named pipe" : stat.isSocket() ? "a socket" : "a device";
}
