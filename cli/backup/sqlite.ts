/** MLflow's database in SQLite, on a volume. */
import type { Readable, Writable } from "node:stream";
import { mistake } from "../../common/mistake";
import { REGISTRY_ROLE, SQLITE_FILE, SQLITE_FOLDER } from "../../components/registry/modelRegistry";
import { execStream, type ExecStreams } from "../../engine/streams/execStream";
import { CONTENTS, inContainer, lines, succeeded, type RegistryDatabase } from "./registryDatabase";
import { containerOf, type Target } from "../stack/target";

/**
 * The files beside the one in use: the file that a restore makes, and the old file, which it keeps until the
 * new one answers.
 */
const STAGED = "restored.db";
const KEPT = "before.db";
/**
 * Endings of the files beside a database. They hold changes that are not yet in the database, or that must be
 * undone.
 */
const SIDE_FILES = ["-journal", "-wal", "-shm"];

/** SQLite's online backup into a temporary file. The image has no other client than Python's. */
const DUMP = `
import shutil, sqlite3, sys, tempfile
with tempfile.NamedTemporaryFile() as file:
    source, copy = sqlite3.connect(sys.argv[1]), sqlite3.connect(file.name)
    source.backup(copy)
    copy.close()
    shutil.copyfileobj(open(file.name, "rb"), sys.stdout.buffer)
`;
/** The first column of a query's rows. */
const QUERY = `
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
    print(row[0])
`;

type Input = Pick<ExecStreams, "input" | "signal">;

export class SqliteDatabase implements RegistryDatabase {
    /** @param helper a container that sees MLflow's volumes while MLflow is down; a dump needs none */
    constructor(
        private readonly target: Target,
        private readonly helper?: string,
    ) {}

    version(): Promise<undefined> {
        return Promise.resolve(undefined);
    }

    async dump(output: Writable, signal: AbortSignal): Promise<void> {
        const mlflow = await containerOf(this.target, REGISTRY_ROLE);
        const command = ["python", "-c", DUMP, path(SQLITE_FILE)];
        succeeded(command, await execStream(this.target.engine, mlflow, command, { output, signal }));
    }

    async stage(dump: Readable, signal: AbortSignal): Promise<void> {
        await this.shell(`cat > ${STAGED}`, { input: dump, signal });
        const [found] = await this.query(STAGED, "PRAGMA integrity_check");
        if (found !== "ok") {
            throw mistake(`The backup's database is damaged: ${found}. Nothing was changed.`);
        }
    }

    used(): Promise<string[]> {
        return this.query(SQLITE_FILE, CONTENTS);
    }

    staged(): Promise<string[]> {
        return this.query(STAGED, CONTENTS);
    }

    /**
     * Also moves the files that a killed server left. They belong to the old file, and would damage the new
     * one.
     */
    async swap(): Promise<void> {
        await this.shell(
            `ln ${SQLITE_FILE} ${KEPT}; ${moveAside(SQLITE_FILE, KEPT)} mv ${STAGED} ${SQLITE_FILE}`,
        );
    }

    async isSwapped(): Promise<boolean> {
        return (await this.run(["find", SQLITE_FOLDER, "-name", KEPT])) !== "";
    }

    async swapBack(): Promise<void> {
        const undone = SIDE_FILES.map((ending) => SQLITE_FILE + ending).join(" ");
        await this.shell(`rm -f ${undone}; ${moveAside(KEPT, SQLITE_FILE)} mv ${KEPT} ${SQLITE_FILE}`);
    }

    async tidy(): Promise<void> {
        await this.shell(`rm -f ${STAGED}* ${KEPT}*`);
    }

    private async query(file: string, text: string): Promise<string[]> {
        return lines(await this.run(["python", "-c", QUERY, path(file), text]));
    }

    private shell(text: string, streams: Input = {}): Promise<string> {
        return this.run(["sh", "-ec", `cd ${SQLITE_FOLDER}; ${text}`], streams);
    }

    private run(command: readonly string[], streams: Input = {}): Promise<string> {
        if (this.helper === undefined) {
            throw new Error("only a dump can be made without a helper");
        }
        return inContainer(this.target, this.helper, command, streams);
    }
}

function path(file: string): string {
    return `${SQLITE_FOLDER}/${file}`;
}

/** Moves the side files of one database file to the name of another. */
function moveAside(from: string, to: string): string {
    return SIDE_FILES.map(
        (ending) => `if [ -e ${from}${ending} ]; then mv ${from}${ending} ${to}${ending}; fi;`,
    ).join(" ");
}
