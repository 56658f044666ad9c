import { mistake } from "../../common/mistake";
import { type Owner, stackPrefix } from "./deployment";

/** The longest name of an engine's service or network. Source: SwarmKit, manager/controlapi/common.go. */
const SERVICE_MAX = 63;
/** The longest name of an engine's secret or config. Source: SwarmKit, manager/controlapi/secret.go. */
const SECRET_MAX = 64;
/** Pulumi ends the names that it makes with a hyphen and seven digits. */
const AUTONAME = 8;

/** The longest role of each kind that a stack may have. A test compares them with the program's declarations. */
export const LONGEST_ROLES = { service: "postgres-metrics", secret: "grafana-dataSource" } as const;

/** The longest prefix with which the engine accepts every physical name. */
export const PREFIX_MAX = Math.min(
    SERVICE_MAX - 1 - LONGEST_ROLES.service.length,
    SECRET_MAX - AUTONAME - 1 - LONGEST_ROLES.secret.length,
);

/** The names are also host names, for which upper and lower case are the same. */
const GOOD = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/;

/**
 * Checks the names that begin all physical names, before anything is made.
 *
 * @throws a mistake with the limit and a name that is allowed
 */
export function checkNames(owner: Owner): void {
    const { project, stack } = owner;
    const given = [
        ["the stack's name", stack, (name: string) => `pulumi stack init ${name}`],
        ["the project's name", project, (name: string) => `name: ${name} in Pulumi.yaml`],
    ] as const;
    for (const [what, name, remedy] of given) {
        if (!GOOD.test(name)) {
            throw mistake(
                `${what}: got ${name}; services and hosts are named after it, so it has lower-case letters a to z, ` +
                    `digits, - and _ only, and a letter or digit at both ends; choose another: ${remedy(proposal(name))}`,
            );
        }
    }
    const prefix = stackPrefix(owner);
    if (prefix.length > PREFIX_MAX) {
        const room = PREFIX_MAX - project.length - 1;
        const advice =
            room > 0
                ? `at most ${room} are left for the stack: pulumi stack init ${proposal(stack, room)}`
                : `choose a shorter name in Pulumi.yaml, such as ${proposal(project, PREFIX_MAX - stack.length - 1)}`;
        throw mistake(
            `the stack's name: got ${stack}, with the project's ${prefix}, ${prefix.length} characters; the engine's ` +
                `names begin with it, and it takes ${PREFIX_MAX} at most; ${advice}`,
        );
    }
}

/** The nearest name that the engine accepts. */
function proposal(name: string, length = name.length): string {
    const good = name
        .normalize("NFKD")
        .toLowerCase()
        .replaceAll(/\p{Mark}/gu, "")
        .replaceAll(/[^a-z0-9_]+/g, "-");
    return good.slice(0, Math.max(length, 1)).replaceAll(/^[-_]+|[-_]+$/g, "") || "dev";
}
