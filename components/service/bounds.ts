import type { StackConfig } from "../../config/schema";
import type { Resources } from "../../config/types";
import { parseBytes } from "../../common/units";
import type { Deployment } from "../stack/deployment";

/** A part that has no configuration of its own where its limits could stand, by its role. */
type BoundedPart = keyof StackConfig["limits"];

/**
 * The limits in prod of the parts for which the configuration need not give limits. Each is several times the
 * part's use with the demo survey. So a fault of one part does not take the node down with all the others.
 */
const PROD: Readonly<Record<string, Required<Resources>>> = {
    // Each of some 10,000 connections may hold a buffer of 32 kB and the state of its TLS.
    access: { cpus: 1, memory: "1g" },
    acme: { cpus: 0.25, memory: "256m" },
    alertmanager: { cpus: 0.5, memory: "256m" },
    backup: { cpus: 1, memory: "512m" },
    gateway: { cpus: 1, memory: "512m" },
    "gateway-others": { cpus: 1, memory: "512m" },
    grafana: { cpus: 1, memory: "512m" },
    "image-door": { cpus: 0.5, memory: "128m" },
    "image-store": { cpus: 1, memory: "512m" },
    ollama: { cpus: 2, memory: "4g" },
    postgres: { cpus: 1, memory: "1g" },
    "postgres-metrics": { cpus: 0.25, memory: "128m" },
    prometheus: { cpus: 1, memory: "1g" },
    status: { cpus: 1, memory: "2g" },
    "survey-demo": { cpus: 1, memory: "1g" },
    volumes: { cpus: 0.25, memory: "128m" },
} satisfies Record<BoundedPart | "backup" | "ollama" | "prometheus", Required<Resources>>;

/**
 * The memory that each part may take outside prod. A part that needs more has a fault, or a survey that is large: then
 * its limit is set in the configuration. These are limits and not reservations, so a machine with 4 GB runs all parts.
 * Training and retraining have none, because a survey decides their need and a killed run costs hours.
 */
const ELSEWHERE: Readonly<Record<string, string>> = {
    access: "2g",
    acme: "512m",
    alertmanager: "512m",
    backup: "1g",
    gateway: "1g",
    "gateway-others": "1g",
    grafana: "1g",
    "image-door": "256m",
    "image-store": "1g",
    mlflow: "4g",
    ollama: "16g",
    postgres: "2g",
    "postgres-metrics": "256m",
    prometheus: "2g",
    serving: "8g",
    status: "4g",
    "survey-demo": "4g",
    volumes: "256m",
} satisfies Record<BoundedPart | "backup" | "mlflow" | "ollama" | "prometheus" | "serving", string>;

/** A part of a stack, and what its configuration says of its limits. */
export interface Bounded {
    deployment: Pick<Deployment, "environment" | "limits">;
    role: string;
    limits?: Resources;
    reservations?: Resources;
}

/** The limits of a part: of memory always, except of training outside prod; of cores in prod, or where they are set. */
export function boundsOf({ deployment, role, limits, reservations }: Bounded): Resources {
    const { environment, limits: others } = deployment;
    const least = environment === "prod" ? PROD[role] : elsewhere(role, reservations);
    return { ...least, ...others?.[role as BoundedPart], ...limits };
}

/** A part may take what it has reserved, even if that is more than its default. */
function elsewhere(role: string, { memory: reserved }: Resources = {}): Resources {
    const memory = ELSEWHERE[role];
    if (memory === undefined) {
        return {};
    }
    return {
        memory: reserved !== undefined && parseBytes(reserved)! > parseBytes(memory)! ? reserved : memory,
    };
}
