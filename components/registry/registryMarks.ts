import { short } from "../../common/hashes";
import type { RegisteredModel, RegisteredVersion } from "./mlflow";
import type { ReleaseRecord } from "../../releases/records";
import { CHALLENGER, CHAMPION } from "./aliases";

/** What of a registered model an update needs to look at. */
type Registered = Pick<
    RegisteredModel,
    "version" | "aliased" | "newestIn" | "setStage" | "setAlias" | "deleteAlias"
>;

/** The version that serves, by its number and hash. */
export type Served = Pick<ReleaseRecord, "version" | "sha256">;

/** Whether a version of the registry is the one that serves, and can be loaded. */
export function isServed(found: RegisteredVersion | undefined, { sha256 }: Served): boolean {
    return found?.status === "READY" && found.tags.get("model_sha256") === sha256;
}

/** Tells the registry what serves: stage, which archives the others that have it, then alias. */
export async function mark(registered: Registered, stage: string, { version }: Served): Promise<void> {
    if (stage !== "None" && !(await hasStage(registered, stage, version))) {
        await registered.setStage(version, stage);
    }
    await registered.setAlias(CHAMPION, version);
    if ((await registered.aliased(CHALLENGER))?.version === version) {
        await registered.deleteAlias(CHALLENGER);
    }
}

/** A version that got the stage later would be taken for the one that serves by whoever asks for the stage. */
async function hasStage(registered: Registered, stage: string, version: string): Promise<boolean> {
    return (await registered.newestIn(stage)) === version;
}

/**
 * Puts right what somebody changed in the registry since the version came to serve. Where nothing
 * was changed, it asks for the alias and the stage, and no more.
 *
 * @returns what was wrong; undefined when all is as it was left
 * @throws VersionLost when the version that serves is not there to be marked
 */
export async function repair(
    registered: Registered,
    stage: string,
    served: Served,
): Promise<string | undefined> {
    const [champion, staged] = await Promise.all([
        registered.aliased(CHAMPION),
        stage === "None" ? served.version : registered.newestIn(stage),
    ]);
    const isChampion = champion?.version === served.version;
    const found = isChampion ? champion : await registered.version(served.version);
    if (!isServed(found, served)) {
        throw new VersionLost(served);
    }
    if (isChampion && staged === served.version) {
        return undefined;
    }
    await mark(registered, stage, served);
    const was = [
        ...(isChampion ? [] : [`alias ${CHAMPION} was at ${champion?.version ?? "no version"}`]),
        ...(staged === served.version ? [] : [`stage ${stage} was at ${staged ?? "no version"}`]),
    ];
    return `${was.join(", ")}; put back to version ${served.version}, which serves`;
}

/** The version that serves is gone from the registry, or is not what it was. */
export class VersionLost extends Error {
    constructor({ version, sha256 }: Served) {
        super(
            `version ${version}, which serves, is not in the registry any more with its hash ${short(sha256)}, ` +
                "ready to be loaded; it serves on until its tasks start anew",
        );
    }
}
