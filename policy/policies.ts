import type { Rule } from "./rule";
import { knownFields } from "./rules/fields";
import { hostFolders } from "./rules/host";
import { pinnedImages } from "./rules/images";
import { prodLimits } from "./rules/limits";
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
        name: "no-plain-secrets",
        description: "No secret stands in a variable, an argument or an address, where inspecting shows it.",
        rule: noPlainSecrets,
    },
];
