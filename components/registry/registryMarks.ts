import { short } from "../../common/hashes";
import { CHALLENGER, CHAMPION, versionTag } from "../../contract/names";
import type { RegisteredModel, RegisteredVersion } from "./mlflow";
import type { ReleaseRecord } from "../../releases/records";

/** The part of a registered model that an update needs. */
type Registered = Pick<
    RegisteredModel,
    "version" | "aliased" | "newestIn" | "setStage" | "setAlias" | "deleteAlias"
>;

/** The serving version, by its number and hash. */
export type Served = Pick<ReleaseRecord, "version" | "sha256">;

/** Whether a version of the registry is the serving version, and can be loaded. */
export function isServed(found: RegisteredVersion | undefined, { sha256 }: Served): boolean {
    return found?.status === "READY" && found.tags.get(versionTag("model_sha256")) === sha256;
}

/**
 * Marks the serving version in the registry: first the stage, which archives other
 * versions with this stage, then the alias.
 */
export async function mark(registered: Registered, stage: string, { version }: Served): Promise<void> {
    if (stage !== "None" && !(await hasStage(registered, stage, version))) {
        await registered.setStage(version, stage);
    }
    await registered.setAlias(CHAMPION, version);
    if ((await registered.aliased(CHALLENGER))?.version === version) {
        await registered.deleteAlias(CHALLENGER);
    }
}

/**
 * Whether a version is the newest with a stage. A client that asks for the stage gets the
 * newest version, and takes it for the serving one.
 */
async function hasStage(registered: Registered, stage: string, version: string): Promise<boolean> {
    return (await registered.newestIn(stage)) === version;
}

/**
 * Repairs the marks that somebody changed in the registry since the version came to serve.
 * If nothing was changed, this asks for the alias and the stage, and for nothing else.
 *
 * @returns a description of the changed marks; undefined when nothing was changed
 * @throws VersionLost when the serving version is not there to be marked
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

/** The serving version is gone from the registry, or was changed there. */
export class VersionLost extends Error {
    constructor({ version, sha256 }: Served) {
        super(
            `version ${version}, which serves, is not in the registry any more with its hash ${short(sha256)}, ` +
                "ready to be loaded; it serves on until its tasks start anew",
        );
    }
}
