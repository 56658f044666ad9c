import type * as pulumi from "@pulumi/pulumi";

import { shellText } from "../../common/shellText";

/**
 * The processes and threads that the user of a container may have on the node. The kernel counts them over all
 * containers with the same user, so the number is far above the need of all trainers on a large machine. It is half
 * of the 32,768 that a small machine has for everybody.
 */
const PROCESSES = 16_384;

/** images/service/confined.sh, which gives a service's command what the provider cannot declare for a service. */
const CONFINED = shellText("service/confined.sh");

/** The confinement of a service's tasks: no capability, and no folder to write to but the mounts. */
export const CONFINED_SERVICE = { capDrops: ["ALL"], readOnly: true };

/** The confinement of a single container. */
export const CONFINED_CONTAINER = {
    capabilities: { drops: ["ALL"] },
    readOnly: true,
    securityOpts: ["no-new-privileges:true"],
    ulimits: [{ name: "nproc", soft: PROCESSES, hard: PROCESSES }],
};

/** The same in the engine's own form. There, a container has a limit of processes for itself. */
export const CONFINED_BY_ENGINE = {
    CapDrop: ["ALL"],
    ReadonlyRootfs: true,
    SecurityOpt: CONFINED_CONTAINER.securityOpts,
    PidsLimit: PROCESSES,
};

/** A service's command under a limit of processes, and without the possibility to gain rights. */
export function confined(command: pulumi.Input<string>[]): pulumi.Input<string>[] {
    return ["sh", "-c", CONFINED, "confined", String(PROCESSES), ...command];
}
