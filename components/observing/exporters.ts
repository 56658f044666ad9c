import * as pulumi from "@pulumi/pulumi";

import type { Database } from "../registry/database";
import type { Deployment } from "../stack/deployment";
import { answersOn } from "../service/healthcheck";
import type { ScrapeTarget } from "../service/scrapeTarget";
import type { Mount } from "../service/mounts";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";

const VOLUMES_FOLDER = "/volumes";

/** The file systems below the environment's volumes, and the clock of the node. */
export const VOLUMES_TARGET: ScrapeTarget = { job: "volumes", host: "volumes", port: 9100 };
export const POSTGRES_TARGET: ScrapeTarget = {
    ...{ job: "postgres", host: "postgres-metrics", port: 9187 },
    inside: true,
};

interface ExporterArgs {
    deployment: Deployment;
    network: pulumi.Input<string>;
    image: pulumi.Input<string>;
}

/** Node exporter for the file systems below the volumes. It sees only the volumes of the node. */
export function volumeExporter(
    name: string,
    { volumes, ...args }: ExporterArgs & { volumes: Record<string, pulumi.Input<string>> },
    parent: pulumi.Resource,
): SwarmService {
    const mounts = Object.entries(volumes)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([role, volume]): Mount => ({
            kind: "volume",
            volume,
            target: `${VOLUMES_FOLDER}/${role}`,
            readOnly: true,
        }));
    return exporter(
        name,
        {
            ...args,
            target: VOLUMES_TARGET,
            command: [
                "prometheus-node-exporter",
                "--collector.disable-defaults",
                "--collector.filesystem",
                `--collector.filesystem.mount-points-include=^${VOLUMES_FOLDER}/`,
                // By default the exporter leaves out overlays, on which an engine inside a container
                // stores its volumes.
                "--collector.filesystem.fs-types-exclude=^(tmpfs|proc|sysfs)$",
                "--collector.time",
                `--web.listen-address=:${VOLUMES_TARGET.port}`,
            ],
            mounts,
        },
        parent,
    );
}

/** PostgreSQL's exporter. Only a file of the engine's secrets holds the password. */
export function postgresExporter(
    name: string,
    { database: { monitor }, ...args }: ExporterArgs & { database: Database },
    parent: pulumi.Resource,
): SwarmService {
    return exporter(
        name,
        {
            ...args,
            target: POSTGRES_TARGET,
            command: ["prometheus-postgres-exporter", `--web.listen-address=:${POSTGRES_TARGET.port}`],
            env: {
                DATA_SOURCE_PASS_FILE: monitor.password.target,
                // There is no TLS inside the environment's network.
                DATA_SOURCE_URI: `${monitor.address}?sslmode=disable`,
                DATA_SOURCE_USER: monitor.user,
            },
            secrets: [monitor.password],
        },
        parent,
    );
}

type Exporter = ExporterArgs & { target: ScrapeTarget; command: string[] } & Pick<
        ConstructorParameters<typeof SwarmService>[1],
        "env" | "mounts" | "secrets"
    >;

function exporter(name: string, { target, ...args }: Exporter, parent: pulumi.Resource): SwarmService {
    return new SwarmService(
        name,
        {
            ...args,
            role: target.host,
            user: "prometheus",
            ...oneAtATime(answersOn(target.port, "/metrics")),
        },
        { parent },
    );
}
