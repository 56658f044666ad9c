import * as pulumi from "@pulumi/pulumi";

import { sortedJson } from "../../common/json";
import { type Backup, recipientsOf } from "../../config/backup";
import type { StackConfig } from "../../config/schema";
import { kept, type ReleaseRecord } from "../../releases/records";
import { platformImage } from "../image/sourceImage";
import { ARTIFACTS_FOLDER, type ModelRegistry, SQLITE_FILE, SQLITE_FOLDER } from "../registry/modelRegistry";
import { durableVolume } from "../service/durableVolume";
import { engineSecret, secretFile } from "../service/engineSecret";
import { answersOn } from "../service/healthcheck";
import { oneAtATime } from "../service/oneAtATime";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { LARGE_TEMPORARY, type Mount, type MountedFile } from "../service/mounts";
import { SwarmService } from "../service/swarmService";
import { APP_USER } from "../service/users";
import type { Deployment } from "../stack/deployment";

export const BACKUP_ROLE = "backup";
const PORT = 8000;
/** The folder of the backups in the container. */
const BACKUPS_FOLDER = "/backups";
const SEAL_FILE = "/run/secrets/backup-key";

/** The metrics of scheduled backups: the age and size of the last good one, and whether the last attempt failed. */
export const BACKUP_TARGET: ScrapeTarget = {
    ...{ job: BACKUP_ROLE, host: BACKUP_ROLE, port: PORT },
    inside: true,
};

export interface ScheduledBackupsArgs {
    deployment: Deployment;
    config: StackConfig;
    network: pulumi.Input<string>;
    registry: ModelRegistry;
    /** Seals the manifests. */
    key: pulumi.Output<string>;
    /** The stack's validated releases, newest first; known once the serving model has been released. */
    releases: pulumi.Output<ReleaseRecord[]>;
}

/**
 * Backs the registry up at set times, as the command `backup` does, and removes old backups. It reads the database by
 * a role that can only read, or the file of SQLite and the artifacts from volumes that are mounted read-only. Pulumi's
 * state is not in these backups, because a service has no access to the backend. The releases, which a restore needs
 * of it, are a variable.
 */
export class ScheduledBackups extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: ScheduledBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:ScheduledBackups", name, {}, opts);
        const { deployment, config, registry } = args;
        const { backup } = config;
        const image = platformImage(`${name}-image`, "backup", deployment, this);
        const source = sourceOf(registry);
        const seal = secretFile(engineSecret(deployment, "backup-key", args.key, this), SEAL_FILE);
        this.service = new SwarmService(
            name,
            {
                deployment,
                role: BACKUP_ROLE,
                network: args.network,
                image: image.reference,
                user: APP_USER,
                command: ["tini", "-g", "--", "python3", "-m", "backup"],
                env: {
                    ...source.env,
                    ARTIFACTS_FOLDER,
                    BACKUP_FOLDER: BACKUPS_FOLDER,
                    BACKUP_KEEP: String(backup.keep),
                    BACKUP_RECIPIENTS: recipientsOf(backup).join(","),
                    BACKUP_SCHEDULE: backup.schedule ?? "",
                    // No config: it would depend on the training run, whose replacement deletes first what depends on
                    // it, and a config in use cannot be deleted.
                    BACKUP_FACTS: factsOf(args),
                    PORT: String(PORT),
                    REGISTRY_URI: registry.trackingUri,
                    SEAL_FILE,
                },
                mounts: [
                    this.place(name, deployment, backup),
                    {
                        kind: "volume",
                        volume: registry.artifacts,
                        target: ARTIFACTS_FOLDER,
                        readOnly: true,
                    },
                    ...source.mounts,
                ],
                // A copy of SQLite's file goes there.
                temporary: LARGE_TEMPORARY,
                secrets: [seal, ...source.secrets],
                limits: backup.limits,
                ...oneAtATime(answersOn(PORT, "/metrics")),
            },
            { parent: this },
        );
        this.registerOutputs({});
    }

    /** The place of the backups: a folder of the engine's host, or a volume that outlives the stack. */
    private place(name: string, deployment: Deployment, { folder }: Backup): Mount {
        const target = BACKUPS_FOLDER;
        return folder === undefined
            ? {
                  kind: "volume",
                  volume: durableVolume(`${name}-data`, deployment, BACKUP_ROLE, this).name,
                  target,
              }
            : { kind: "host", path: folder, target };
    }
}

/** How the service reads the database. */
function sourceOf({ database, sqlite }: ModelRegistry): {
    env: Record<string, string>;
    mounts: Mount[];
    secrets: MountedFile[];
} {
    if (sqlite !== undefined) {
        return {
            env: { SQLITE_FILE: `${SQLITE_FOLDER}/${SQLITE_FILE}` },
            mounts: [{ kind: "volume", volume: sqlite, target: SQLITE_FOLDER, readOnly: true }],
            secrets: [],
        };
    }
    const { env, passfile } = database!.reader!;
    return { env, mounts: [], secrets: [passfile] };
}

/** The stack's part of a manifest: cli/backup/manifest.ts. */
function factsOf({ deployment, config, releases }: ScheduledBackupsArgs): pulumi.Output<string> {
    const { project, stack, environment } = deployment;
    const [model, backend] = [config.model.name, config.mlflow.backend];
    // Pulumi's state sorts the keys of what it stores. Another order would restart the service.
    return releases.apply((records) =>
        sortedJson({ project, stack, environment, model, backend, releases: kept(records) }),
    );
}
