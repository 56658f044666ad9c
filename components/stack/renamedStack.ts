import type Docker from "dockerode";

import { mistake } from "../../common/mistake";
import type { ReleaseRecord } from "../../releases/records";
import { type Owner, STACK_LABEL, stackOfVolume } from "./deployment";
import { releasesOf } from "./stackReleases";

/**
 * Refuses a stack that has releases but no volume under its name, while there are volumes
 * of a stack that the backend does not know. This happens after `pulumi stack rename`: the
 * records move to the new name, and the volumes keep the old one.
 *
 * @throws a mistake with the old name, and what to do
 */
export async function refuseRenamed(
    { project, stack }: Owner,
    engine: Docker,
    records: readonly ReleaseRecord[],
    isKnown = async (name: string) => (await releasesOf(name)) !== undefined,
): Promise<void> {
    if (records.length === 0) {
        return;
    }
    const { Volumes } = await engine.listVolumes({ filters: { label: [STACK_LABEL] } });
    const byStack = new Map<string, string[]>();
    for (const volume of Volumes ?? []) {
        const its = stackOfVolume(project, volume);
        if (its !== undefined) {
            byStack.set(its, [...(byStack.get(its) ?? []), volume.Name]);
        }
    }
    if (byStack.has(stack)) {
        return;
    }
    const unknown: [string, string[]][] = [];
    for (const [name, volumes] of [...byStack].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (!(await isKnown(name))) {
            unknown.push([name, volumes.sort()]);
        }
    }
    if (unknown.length > 0) {
        throw mistake(
            [
                `stack ${stack}: it has ${records.length} releases and none of the volumes that they are in. A stack that ` +
                    "was renamed begins again with an empty registry.",
                ...unknown.map(
                    ([name, volumes]) =>
                        `  ${volumes.join(", ")} are of a stack ${name} that is not there. If that is its old name, ` +
                        `rename it back with pulumi stack rename ${name} --stack ${stack}`,
                ),
                // Volumes of a stack in another backend look the same from here.
                "If it was never renamed, remove the volumes of these names that nobody needs (docker volume rm NAME).",
            ].join("\n"),
        );
    }
}
