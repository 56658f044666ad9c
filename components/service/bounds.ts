import type { Resources } from "../../config/types";
import type { Deployment } from "../stack/deployment";

/**
 * The limits in prod of the parts for which the configuration need not give limits. Each is several times the
 * part's use with the demo survey. So a fault of one part does not take the node down with all the others.
 */
const PROD: Readonly<Record<string, Required<Resources>>> = {
    // Each of some 10,000 connections may hold a buffer of 32 kB and the state of its TLS.
    access: { cpus: 1, memory: "1g" },
    alertmanager: { cpus: 0.5, memory: "256m" },
    backup: { cpus: 1, memory: "512m" },
    gateway: { cpus: 1, memory: "512m" },
    grafana: { cpus: 1, memory: "512m" },
    ollama: { cpus: 2, memory: "4g" },
    postgres: { cpus: 1, memory: "1g" },
    "postgres-metrics": { cpus: 0.25, memory: "128m" },
    prometheus: { cpus: 1, memory: "1g" },
    status: { cpus: 1, memory: "2g" },
    "survey-demo": { cpus: 1, memory: "1g" },
    volumes: { cpus: 0.25, memory: "128m" },
};

/** The limits of a part. In prod there are always some. Elsewhere the configuration decides. */
export function boundsOf({ environment }: Deployment, role: string, limits: Resources = {}): Resources {
    return environment === "prod" ? { ...PROD[role], ...limits } : limits;
}
