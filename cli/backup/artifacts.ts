/**
 * MLflow's artifacts, a volume of files that are written once, under ids of their own.
 *
 * A restore puts the backup's files beside those that are there, by links, so that
 * the volume holds the files of both registries while they are exchanged: whichever
 * database is in place finds its own, whatever interrupts it.
 */
import { Readable, type Writable } from "node:stream";
import { ARTIFACTS_FOLDER, REGISTRY_ROLE } from "../../components/registry/modelRegistry";
import { shellText } from "../../common/shellText";
import { execStream } from "../../engine/streams/execStream";
import { inContainer, lines, succeeded } from "./registryDatabase";
import { containerOf, type Target } from "../stack/target";

/** Holds what a restore extracts (new), what it takes the place of (old), and its notes. images/registry knows it too. */
const WORK = ".restore";
const CONTENTS_NOTE = `${ARTIFACTS_FOLDER}/${WORK}/contents`;
/** GNU tar's exit code when a file changed while it was read. */
const CHANGED = 1;

/**
 * Writes all artifacts as a tar, while MLflow runs.
 *
 * @returns whether a file changed meanwhile: one of a run that is not in the database's dump, which came before
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

/** The exchange of a registry's artifacts, by a container that sees their volume while MLflow is down. */
export class ArtifactExchange {
    constructor(
        private readonly target: Pick<Target, "engine">,
        private readonly helper: string,
    ) {}

    /** Extracts a backup's artifacts, and puts them beside those that are there. */
    async merge(archive: Readable, signal: AbortSignal): Promise<void> {
        await this.run(["mkdir", `${ARTIFACTS_FOLDER}/${WORK}`]);
        await this.run(["mkdir", `${ARTIFACTS_FOLDER}/${WORK}/new`, `${ARTIFACTS_FOLDER}/${WORK}/old`]);
        const extract = ["tar", "--extract", "--file=-", `--directory=${ARTIFACTS_FOLDER}/${WORK}/new`];
        await this.run(extract, { input: archive, signal });
        await this.script("merge");
    }

    /** Notes which files the backup has not, while MLflow is down: nobody writes others then. */
    async noteOthers(): Promise<void> {
        await this.script("list-others");
    }

    /** Notes what the restored database holds, a line a thing. */
    async noteContents(contents: readonly string[]): Promise<void> {
        const input = Readable.from([contents.map((it) => `${it}\n`).join("")]);
        await this.run(["sh", "-ec", 'cat > "$1"', "sh", CONTENTS_NOTE], { input });
    }

    /** What was noted of the restored database; nothing when it was not. */
    async notedContents(): Promise<string[]> {
        const show = 'if [ -e "$1" ]; then cat "$1"; fi';
        return lines(await this.run(["sh", "-ec", show, "sh", CONTENTS_NOTE]));
    }

    /** Notes that the restored registry answers: from now on there is no way back. */
    async confirm(): Promise<void> {
        await this.run(["touch", `${ARTIFACTS_FOLDER}/${WORK}/confirmed`]);
    }

    /** How far an exchange got that has not ended. */
    async state(): Promise<"none" | "begun" | "confirmed"> {
        const has = async (path: string) =>
            (await this.run(["find", ARTIFACTS_FOLDER, "-maxdepth", "2", "-path", `*/${path}`])) !== "";
        if (await has(`${WORK}/confirmed`)) {
            return "confirmed";
        }
        return (await has(WORK)) ? "begun" : "none";
    }

    /** Takes the merge back. */
    async takeBack(): Promise<void> {
        await this.script("take-back");
    }

    /** Removes what the backup has not, and what the exchange was made with. */
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
