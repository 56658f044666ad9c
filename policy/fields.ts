/**
 * The fields that a declaration may have. For each key: `true` for any value, the keys below it, or the allowed values.
 */
export interface Fields {
    readonly [key: string]: true | Fields | readonly unknown[] | readonly [Fields];
}

/** A list whose elements have these keys. */
function each(fields: Fields): readonly [Fields] {
    return [fields];
}

/** Allows these keys with any value. */
function all(...keys: string[]): Fields {
    return Object.fromEntries(keys.map((key) => [key, true]));
}

/**
 * Options of a driver and propagation are left out. Options can turn a volume into a
 * folder of the host, and propagation lets a folder show more than itself.
 */
const MOUNT: Fields = {
    type: ["bind", "tmpfs", "volume"],
    ...all("source", "target", "readOnly", "tmpfsOptions"),
};

const CONTAINER_SPEC: Fields = {
    ...all("image", "user", "groups", "commands", "args", "env", "dir", "hostname", "secrets", "configs"),
    ...all("healthcheck", "labels", "stopGracePeriod", "stopSignal", "readOnly", "capAdds", "capDrops"),
    isolation: ["default"],
    mounts: each(MOUNT),
    // The kernel's default. The provider needs it stated.
    sysctl: { ...all("net.core.somaxconn"), "net.ipv4.ip_forward": ["0"] },
};

const SERVICE: Fields = {
    ...all("name", "auth", "convergeConfig", "labels", "mode", "rollbackConfig", "updateConfig"),
    endpointSpec: { mode: ["dnsrr", "vip"], ports: true },
    taskSpec: {
        ...all("networksAdvanceds", "resources", "restartPolicy", "forceUpdate", "logDriver", "placement"),
        containerSpec: CONTAINER_SPEC,
        runtime: ["container"],
    },
};

const CONTAINER: Fields = {
    ...all("name", "image", "user", "groupAdds", "command", "entrypoints", "envs", "hostname", "workingDir"),
    ...all("healthcheck", "labels", "stopSignal", "stopTimeout", "readOnly", "tmpfs", "capabilities"),
    ...all(
        "networksAdvanced",
        "ports",
        "publishAllPorts",
        "volumes",
        "privileged",
        "init",
        "logDriver",
        "logOpts",
    ),
    ...all("cpus", "cpuShares", "memory", "memoryReservation", "memorySwap", "shmSize", "ulimits", "uploads"),
    ...all(
        "attach",
        "destroyGraceSeconds",
        "logs",
        "maxRetryCount",
        "mustRun",
        "removeVolumes",
        "restart",
        "rm",
    ),
    ...all("start", "wait", "waitTimeout", "containerReadRefreshTimeoutMilliseconds"),
    securityOpts: ["no-new-privileges:true"],
    networkMode: ["bridge", "default", "host", "none"],
    mounts: each(MOUNT),
};

const BUILD: Fields = {
    ...all(
        "context",
        "dockerfile",
        "target",
        "args",
        "buildArgs",
        "buildLogFile",
        "cacheFroms",
        "label",
        "labels",
    ),
    ...all("tags", "tag", "noCache", "pullParent", "platform", "version", "forceRemove", "remove"),
};

/** The fields of each resource of the engine that the design needs. Nothing else may be declared. */
export const FIELDS: Readonly<Record<string, Fields>> = {
    "docker:index/service:Service": SERVICE,
    "docker:index/container:Container": CONTAINER,
    "docker:index/remoteImage:RemoteImage": {
        ...all("name", "keepLocally", "forceRemove", "platform", "pullTriggers", "triggers"),
        build: BUILD,
    },
    "docker:index/registryImage:RegistryImage": {
        ...all("name", "authConfig", "keepRemotely", "insecureSkipVerify", "triggers"),
        build: BUILD,
    },
    "docker:index/network:Network": {
        ...all("name", "attachable", "internal", "ipamConfigs", "ipamDriver", "labels", "options", "ipv6"),
        driver: ["bridge", "overlay"],
    },
    "docker:index/volume:Volume": { ...all("name", "labels", "driverOpts"), driver: ["local"] },
    "docker:index/secret:Secret": all("name", "data", "labels"),
    "docker:index/serviceConfig:ServiceConfig": all("name", "data", "dataRaw", "labels"),
};
