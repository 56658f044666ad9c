/**
 * MLflow's artifacts: a volume of files that are written once, each under its own id.
 *
 * A restore links the backup's files into the volume, beside the present files. So during the exchange the
 * volume holds the files of both registries. Each of the two databases finds its own files, whenever the
 * restore is interrupted.
 */
import { Readable, type Writable } from "node:stream";
import { ARTIFACTS_FOLDER, REGISTRY_ROLE } from "../../components/registry/modelRegistry";
import { shellText } from "../../common/shellText";
import { execStream } from "../../engine/streams/execStream";
import { inContainer, lines, succeeded } from "./registryDatabase";
import { containerOf, type Target } from "../stack/target";

/**
 * Holds the files that a restore extracts (new), the files that they replace (old), and its notes.
 * images/registry also has this name.
 */
const WORK = ".restore";
const CONTENTS_NOTE = `${ARTIFACTS_FOLDER}/${WORK}/contents`;
/** GNU tar's exit code when a file changed while it was read. */
const CHANGED = 1;

/**
 * Writes all artifacts as a tar, while MLflow runs.
 *
 * @returns whether a file changed meanwhile. Such a file belongs to a run that is not in the database's dump,
 * because the dump was made before
 */
export async function archiveArtifacts(
    target: Target,
    output: Writable,
    signal: AbortSignal,
): Promise<boolean> {
    const command = [
        "tar",
        "--create",
        "--file=-",
        "--numeric-owner",
        `--directory=${ARTIFACTS_FOLDER}`,
        `--exclude=./${WORK}`,
        ".",
    ];
    const mlflow = await containerOf(target, REGISTRY_ROLE);
    const end = await execStream(target.engine, mlflow, command, { output, signal });
    if (end.exitCode === CHANGED) {
        return true;
    }
    succeeded(command, end);
    return false;
}

/**
 * The exchange of a registry's artifacts. It uses a container that sees their volume while MLflow is down.
 */
export class ArtifactExchange {
    constructor(
        private readonly target: Pick<Target, "engine">,
        private readonly helper: string,
    ) {}

    /** Extracts a backup's artifacts, and puts them beside the present ones. */
    async merge(archive: Readable, signal: AbortSignal): Promise<void> {
        await this.run(["mkdir", `${ARTIFACTS_FOLDER}/${WORK}`]);
        await this.run(["mkdir", `${ARTIFACTS_FOLDER}/${WORK}/new`, `${ARTIFACTS_FOLDER}/${WORK}/old`]);
        const extract = ["tar", "--extract", "--file=-", `--directory=${ARTIFACTS_FOLDER}/${WORK}/new`];
        await this.run(extract, { input: archive, signal });
        await this.script("merge");
    }

    /** Notes the files that the backup does not have. MLflow is down, so nobody writes further files. */
    async noteOthers(): Promise<void> {
        await this.script("list-others");
    }

    /** Notes the content of the restored database, one thing a line. */
    async noteContents(contents: readonly string[]): Promise<void> {
        const input = Readable.from([contents.map((it) => `${it}\n`).join("")]);
        await this.run(["sh", "-ec", 'cat > "$1"', "sh", CONTENTS_NOTE], { input });
    }

    /** The noted content of the restored database; empty when nothing was noted. */
    async notedContents(): Promise<string[]> {
        const show = 'if [ -e "$1" ]; then cat "$1"; fi';
        return lines(await this.run(["sh", "-ec", show, "sh", CONTENTS_NOTE]));
    }

    /** Notes that the restored registry answers. After this note, the restore is never undone. */
    async confirm(): Promise<void> {
        await this.run(["touch", `${ARTIFACTS_FOLDER}/${WORK}/confirmed`]);
    }

    /** The stage of an exchange that has not ended. */
    async state(): Promise<"none" | "begun" | "confirmed"> {
        const has = async (path: string) =>
            (await this.run(["find", ARTIFACTS_FOLDER, "-maxdepth", "2", "-path", `*/${path}`])) !== "";
        if (await has(`${WORK}/confirmed`)) {
            return "confirmed";
        }
        return (await has(WORK)) ? "begun" : "none";
    }

    /** Undoes the merge. */
    async takeBack(): Promise<void> {
        await this.script("take-back");
    }

    /** Removes the files that the backup does not have, and the exchange's own files. */
    async finish(): Promise<void> {
        await this.script("finish");
    }

    /** Whether a folder holds a file that is not empty. */
    async hasFiles(folder: string): Promise<boolean> {
        const find = 'if [ -d "$1" ]; then find "$1" -type f -size +0 -print -quit; fi';
        return (await this.run(["sh", "-ec", find, "sh", folder])).trim() !== "";
    }

    /** Runs a file of images/registry. */
    private async script(name: "merge" | "take-back" | "list-others" | "finish"): Promise<void> {
        await this.run(["sh", "-ec", shellText(`registry/${name}.sh`), name, ARTIFACTS_FOLDER]);
    }

    private run(
        command: readonly string[],
        streams: { input?: Readable; signal?: AbortSignal } = {},
    ): Promise<string> {
        return inContainer(this.target, this.helper, command, streams);
    }
}
