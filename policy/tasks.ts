import { at, type Declared, list, textEntries, texts } from "./declared";

export const SERVICE = "docker:index/service:Service";
export const CONTAINER = "docker:index/container:Container";

/** A place in a declaration, as messages name it, and its value. */
export interface Place {
    path: string;
    value: unknown;
}

/** A task that the engine is told to run, by a service or as a container. The rules need only this one form. */
export interface Task {
    image: Place;
    user: Place;
    cpus: Place;
    memory: Place;
    /** Parts that can be reached from outside the environment's network: ports, or the whole network of the host. */
    published: Place[];
    /** Commands and their arguments. */
    commands: Place[];
    /** Names of variables, and their values. */
    variables: [string, string][];
    /** Folders and files of the host that the task sees. */
    hostPaths: Place[];
    /** The task's mounts, including volumes. */
    mounts: Place[];
    /** Further groups of the task's user. */
    groups: Place[];
    /** Rights beyond those of an ordinary container. */
    privileges: Place[];
    /** The capabilities of an ordinary container that the task gives up. */
    dropped: Place;
    /** Whether the files of the image cannot be written to. */
    readOnlyRoot: Place;
}

/** The task that a resource declares; undefined for a resource that runs nothing. */
export function taskOf({ type, props }: Declared): Task | undefined {
    return type === SERVICE ? serviceTask(props) : type === CONTAINER ? containerTask(props) : undefined;
}

function serviceTask(props: unknown): Task {
    const place = placesOf(props);
    const inside = (key: string) => place("taskSpec", "containerSpec", key);
    return {
        image: inside("image"),
        user: inside("user"),
        cpus: place("taskSpec", "resources", "limits", "nanoCpus"),
        memory: place("taskSpec", "resources", "limits", "memoryBytes"),
        published: [
            ...elements(place("endpointSpec", "ports"), "publishedPort", "targetPort"),
            ...elements(place("taskSpec", "networksAdvanceds"), "id", "name").filter(isHost),
        ],
        commands: [inside("commands"), inside("args")],
        variables: textEntries(inside("env").value),
        hostPaths: bindSources(inside("mounts")),
        mounts: elements(inside("mounts")),
        groups: elements(inside("groups")),
        privileges: elements(inside("capAdds")),
        dropped: inside("capDrops"),
        readOnlyRoot: inside("readOnly"),
    };
}

function containerTask(props: unknown): Task {
    const place = placesOf(props);
    return {
        image: place("image"),
        user: place("user"),
        cpus: place("cpus"),
        memory: place("memory"),
        published: [
            ...elements(place("ports"), "external", "internal"),
            ...[place("publishAllPorts")].filter(isTrue),
            ...[place("networkMode"), ...elements(place("networksAdvanced"), "name")].filter(isHost),
        ],
        commands: [place("command"), place("entrypoints")],
        variables: texts(at(props, "envs")).map(splitAssignment),
        hostPaths: [...bindSources(place("mounts")), ...elements(place("volumes"), "hostPath")],
        mounts: elements(place("mounts")),
        groups: elements(place("groupAdds")),
        privileges: [...elements(place("capabilities", "adds")), ...[place("privileged")].filter(isTrue)],
        dropped: place("capabilities", "drops"),
        readOnlyRoot: place("readOnly"),
    };
}

/** A volume may be a folder of the host under another name. */
export function volumeDevice({ type, props }: Declared): Place[] {
    const device = at(props, "driverOpts", "device");
    // A path of another machine, for a network's file system: "HOST:/path", ":/path".
    const isElsewhere = typeof device === "string" && /^[^/]*:/.test(device);
    return type === "docker:index/volume:Volume" && device !== undefined && !isElsewhere
        ? [{ path: "driverOpts.device", value: device }]
        : [];
}

/** Splits "NAME=value" into name and value. */
function splitAssignment(text: string): [string, string] {
    const equals = text.indexOf("=");
    return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}

function placesOf(props: unknown): (...path: string[]) => Place {
    return (...path) => ({ path: path.join("."), value: at(props, ...path) });
}

/**
 * The elements of a list. With keys: for each element, the value of the first key that it
 * has; elements without any of the keys are left out.
 */
function elements({ path, value }: Place, ...keys: string[]): Place[] {
    return list(value)
        .map((element, index) => ({
            path: `${path}[${index}]`,
            value:
                keys.length === 0
                    ? element
                    : keys.map((key) => at(element, key)).find((found) => found !== undefined),
        }))
        .filter((element) => element.value !== undefined);
}

function bindSources({ path, value }: Place): Place[] {
    const binds = list(value).map((mount) => (at(mount, "type") === "bind" ? mount : undefined));
    return elements({ path, value: binds }, "source");
}

function isHost({ value }: Place): boolean {
    return value === "host";
}

function isTrue({ value }: Place): boolean {
    return value === true;
}
