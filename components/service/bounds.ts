import type { Resources } from "../../config/types";
import type { Deployment } from "../stack/deployment";

/**
 * What the parts that a configuration need not bound may take in prod: several
 * times what each takes with the demo survey, so that a fault of one does not
 * take the node down with all the others.
 */
const PROD: Readonly<Record<string, Required<Resources>>> = {
    alertmanager: { cpus: 0.5, memory: "256m" },
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

/** What a part may take: in prod always something, elsewhere what the configuration says. */
export function boundsOf({ environment }: Deployment, role: string, limits: Resources = {}): Resources {
    return environment === "prod" ? { ...PROD[role], ...limits } : limits;
}
