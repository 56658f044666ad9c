import type { Rule } from "./rule";
import { droppedCapabilities, readOnlyRoot } from "./rules/confinement";
import { knownFields } from "./rules/fields";
import { hostFolders } from "./rules/host";
import { pinnedImages } from "./rules/images";
import { memoryLimits, prodLimits } from "./rules/limits";
import { gatewayOnly } from "./rules/network";
import { noEngineSocket, noPrivileges, noRoot } from "./rules/privileges";
import { noPlainSecrets } from "./rules/secrets";

export interface Policy {
    name: string;
    description: string;
    rule: Rule;
}

/** All policies. Each is mandatory, and docs/policies.md has a heading for each. */
export const POLICIES: readonly Policy[] = [
    {
        name: "gateway-only",
        description: "Only the gateway is published: it asks for credentials, and nothing else does.",
        rule: gatewayOnly,
    },
    {
        name: "pinned-images",
        description: "An image is named by its content, so that what runs cannot change behind its name.",
        rule: pinnedImages,
    },
    {
        name: "no-root",
        description: "No task runs as root.",
        rule: noRoot,
    },
    {
        name: "no-engine-socket",
        description: "No task sees the engine's socket: who has it is root on the node.",
        rule: noEngineSocket,
    },
    {
        name: "host-folders",
        description:
            "A task sees folders of the host that hold data or code, read-only, and none of the system's.",
        rule: hostFolders,
    },
    {
        name: "no-privileges",
        description: "No task is privileged or has capabilities added.",
        rule: noPrivileges,
    },
    {
        name: "dropped-capabilities",
        description: "Each task gives up the capabilities that the engine gives to every container.",
        rule: droppedCapabilities,
    },
    {
        name: "read-only-root",
        description: "A task writes to its mounts only, and cannot change the files of its image.",
        rule: readOnlyRoot,
    },
    {
        name: "known-fields",
        description: "Only what the design has a use for is declared: what is not listed may open the host.",
        rule: knownFields,
    },
    {
        name: "prod-limits",
        description:
            "In prod, each task has limits of cores and memory, so that one cannot starve the others.",
        rule: prodLimits,
    },
    {
        name: "memory-limits",
        description:
            "In each environment, a task has a limit of memory, so that a fault does not fill the node.",
        rule: memoryLimits,
    },
    {
        name: "no-plain-secrets",
        description: "No secret stands in a variable, an argument or an address, where inspecting shows it.",
        rule: noPlainSecrets,
    },
];
