/**
 * MLflow's artifacts, a volume of files that are written once, under ids of their own.
 *
 * A restore puts the backup's files beside those that are there, by links, so that
 * the volume holds the files of both registries while they are exchanged: whichever
 * database is in place finds its own, whatever interrupts it.
 */
import { Readable, type Writable } from "node:stream";
import { ARTIFACTS_FOLDER, REGISTRY_ROLE } from "../../components/registry/modelRegistry";
import { execStream } from "../../engine/streams/execStream";
import { inContainer, lines, succeeded } from "./registryDatabase";
import { containerOf, type Target } from "../stack/target";

/** Holds what a restore extracts (new), what it takes the place of (old), and its notes. */
const WORK = ".restore";
const CONTENTS_NOTE = `${ARTIFACTS_FOLDER}/${WORK}/contents`;
/** GNU tar's exit code when a file changed while it was read. */
const CHANGED = 1;

/** Runs a text, which has no single quotes, for each file below .restore/new, from there; $file is its name. */
const forEachNew = (text: string) => `
find . -type f -exec sh -ec 'for file do ${text}; done' sh {} +
`;

/** A file that is there with another content is kept in .restore/old; its place always holds one of the two. */
const MERGE = `
cd ${ARTIFACTS_FOLDER}/${WORK}/new
cp --recursive --link --update=none . ../..
${forEachNew(`
    if [ ! "$file" -ef "../../$file" ] && ! cmp --silent "$file" "../../$file"; then
        mkdir -p "../old/\${file%/*}"
        ln -f "../../$file" "../old/$file"
        ln -f "$file" ../merging
        mv ../merging "../../$file"
    fi`)}`;

/** What the merge added is the same file as in .restore/new. */
const TAKE_BACK = `
cd ${ARTIFACTS_FOLDER}
if [ -d ${WORK}/new ]; then
cd ${WORK}/new
${forEachNew(`
    if [ -e "../old/$file" ]; then
        mv "../old/$file" "../../$file"
    elif [ "$file" -ef "../../$file" ]; then
        rm "../../$file"
    fi`)}
fi
rm -rf ${ARTIFACTS_FOLDER}/${WORK}
`;

/** What the backup has not. */
const LIST_OTHERS = `
cd ${ARTIFACTS_FOLDER}
find . -path ./${WORK} -prune -o -type f -exec sh -ec '
    for file do [ -e "${WORK}/new/$file" ] || printf "%s\\0" "$file"; done' sh {} + > ${WORK}/others.making
mv ${WORK}/others.making ${WORK}/others
`;

/** The note of the confirmation goes last: without it, what is in .restore/new would be taken back. */
const FINISH = `
cd ${ARTIFACTS_FOLDER}
if [ -e ${WORK}/others ]; then
    xargs -0 --no-run-if-empty rm -f -- < ${WORK}/others
fi
rm -rf ${WORK}/new ${WORK}/old
rm -rf ${WORK}
`;

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
        await this.shell(MERGE);
    }

    /** Notes which files the backup has not, while MLflow is down: nobody writes others then. */
    async noteOthers(): Promise<void> {
        await this.shell(LIST_OTHERS);
    }

    /** Notes what the restored database holds, a line a thing. */
    async noteContents(contents: readonly string[]): Promise<void> {
        const input = Readable.from([contents.map((it) => `${it}\n`).join("")]);
        await this.run(["sh", "-ec", `cat > ${CONTENTS_NOTE}`], { input });
    }

    /** What was noted of the restored database; nothing when it was not. */
    async notedContents(): Promise<string[]> {
        return lines(await this.shell(`if [ -e ${CONTENTS_NOTE} ]; then cat ${CONTENTS_NOTE}; fi`));
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
        await this.shell(TAKE_BACK);
    }

    /** Removes what the backup has not, and what the exchange was made with. */
    async finish(): Promise<void> {
        await this.shell(FINISH);
    }

    /** Whether a file is there. */
    async has(path: string): Promise<boolean> {
        const found = await this.run(["sh", "-ec", 'if [ -s "$1" ]; then echo yes; fi', "sh", path]);
        return found.trim() === "yes";
    }

    private shell(text: string): Promise<string> {
        return this.run(["sh", "-ec", text]);
    }

    private run(
        command: readonly string[],
        streams: { input?: Readable; signal?: AbortSignal } = {},
    ): Promise<string> {
        return inContainer(this.target, this.helper, command, streams);
    }
}
