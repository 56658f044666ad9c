/** Which resources of a state Pulumi would delete in use, because it deletes another one before it replaces it. */
import { CONTAINER, SERVICE } from "../../../policy/tasks";

/** A resource in an exported state. */
export interface StateResource {
    /** "docker:index/service:Service" */
    readonly type: string;
    readonly urn: string;
    readonly inputs?: { readonly updateConfig?: { readonly order?: string } };
    /** Not every version of Pulumi writes this option down. */
    readonly deleteBeforeReplace?: boolean;
    /** The resources from whose outputs a property is made, by property. */
    readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
    /** The URN of the resource's provider and the provider's id: "urn:…::default_5_2_0::id". */
    readonly provider?: string;
}

/** The types that can only be replaced, and that the engine does not let go while something uses them. */
const ONLY_REPLACED: ReadonlySet<string> = new Set([
    "docker:index/network:Network",
    "docker:index/secret:Secret",
    "docker:index/serviceConfig:ServiceConfig",
    "docker:index/volume:Volume",
]);

/** Whether Pulumi may delete the resource before it makes the new one. */
export function mayBeDeletedFirst({ type, inputs, deleteBeforeReplace }: StateResource): boolean {
    if (deleteBeforeReplace === true || type === CONTAINER) {
        return true;
    }
    // The engine's own order is stop-first.
    return type === SERVICE && (inputs?.updateConfig?.order ?? "stop-first") === "stop-first";
}

/**
 * The resources that can only be replaced and depend on one that may be deleted first. Pulumi deletes its dependents
 * before it, in use or not. Only properties and providers count, because Pulumi replaces nothing for `dependsOn` alone.
 *
 * @returns the names from the dependent to the one that is deleted first, "users > password > training"; the shortest
 *     way for each dependent
 */
export function deletedInUse(resources: readonly StateResource[]): string[] {
    const byUrn = new Map(resources.map((it) => [it.urn, it]));
    return resources
        .filter(({ type }) => ONLY_REPLACED.has(type))
        .flatMap((resource) => {
            const way = wayToDeletedFirst(resource, byUrn);
            return way === undefined ? [] : [way.map(nameOf).join(" > ")];
        });
}

/** The URNs from a resource to the nearest that may be deleted first; undefined when there is none. */
function wayToDeletedFirst(
    from: StateResource,
    byUrn: ReadonlyMap<string, StateResource>,
): string[] | undefined {
    const seen = new Set([from.urn]);
    const ways = [[from.urn]];
    // The list grows while it is read, the nearest first.
    for (const way of ways) {
        for (const urn of dependenciesOf(byUrn.get(way.at(-1)!))) {
            const resource = byUrn.get(urn);
            if (resource !== undefined && mayBeDeletedFirst(resource)) {
                return [...way, urn];
            }
            if (!seen.has(urn)) {
                seen.add(urn);
                ways.push([...way, urn]);
            }
        }
    }
    return undefined;
}

function dependenciesOf(resource: StateResource | undefined): string[] {
    const { propertyDependencies = {}, provider } = resource ?? {};
    const providers = provider === undefined ? [] : [provider.slice(0, provider.lastIndexOf("::"))];
    return [...Object.values(propertyDependencies).flatMap((urns) => urns ?? []), ...providers];
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1)!;
}
