import { statSync } from "node:fs";
import { resolve } from "node:path";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { mistake } from "../../common/mistake";
import type { DataSource } from "../../config/schema";
import type { Trainer } from "../../config/trainer";
import { isCalled } from "../../engine/client";
import { endRunning, removeOthers } from "../../engine/tasks/training";
import { dataFingerprint } from "./dataFolder";
import { boundsOf } from "../service/bounds";
import { CONFINED_CONTAINER } from "../service/confinement";
import { Deployment, labels, selector } from "../stack/deployment";
import { durableVolume } from "../service/durableVolume";
import { CONTAINER_LOG } from "../service/logging";
import { finished } from "../service/oneShot";
import { LARGE_TEMPORARY, type Mount, renderMount } from "../service/mounts";
import { renderLimits } from "../service/serviceSpec";
import { trainerCommand } from "../image/trainer";
import { APP_USER, readerOf } from "../service/users";

/** The folder in which the trainer finds the survey. */
export const DATA_FOLDER = "/data";
const SURVEY_ROLE = "survey";
const DEMO_ROLE = "survey-demo";
/** What confines the writer. The next writer has it; one that has ended needs it no more. */
const CONFINEMENT = ["cpus", "memory", "mounts", "networkMode", ...Object.keys(CONFINED_CONTAINER)];

export interface SurveyDataArgs {
    deployment: Deployment;
    source: DataSource;
    trainer: Trainer;
    /** The trainer's image, which writes the demo survey. */
    image: pulumi.Input<string>;
    /** The stack's validated releases. */
    releases: readonly unknown[];
}

/**
 * The survey that an environment trains on: a demo survey on a volume of its own, or a
 * folder of the engine's host. The folder is only read.
 */
export class SurveyData extends pulumi.ComponentResource {
    /** The mount by which the trainer sees the survey; known once the survey is complete. */
    readonly mount: pulumi.Output<Mount>;
    /** The user who can read the survey. */
    readonly reader: string;

    constructor(name: string, args: SurveyDataArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:SurveyData", name, {}, opts);
        const { source, deployment } = args;
        const mount = surveyMount(source, deployment);
        this.reader = surveyReader(source, deployment.local);
        this.mount =
            source.source === "folder"
                ? pulumi.output(mount)
                : this.demo(name, args, source).apply(() => mount);
        this.registerOutputs({});
    }

    /** Writes the survey. The result is known once the survey is complete. */
    private demo(name: string, args: SurveyDataArgs, source: Extract<DataSource, { source: "demo" }>) {
        const volume = durableVolume(`${name}-volume`, args.deployment, SURVEY_ROLE, this);
        const { engine, prefix } = args.deployment;
        const command = demoCommand(args.trainer, source);
        const writers = selector(args.deployment, DEMO_ROLE);
        const fixedName = `${prefix}-${DEMO_ROLE}`;
        const isDryRun = pulumi.runtime.isDryRun();
        const ready = isDryRun ? Promise.resolve() : endRunning(engine, writers);
        const writer = new docker.Container(
            // Pulumi adds a suffix, so a container that an interrupted update left does not block the name.
            fixedName,
            {
                // Earlier versions chose the name themselves. Another name would write the survey anew.
                name: ready.then(async () =>
                    args.releases.length > 0 && (await isCalled(engine, fixedName, command))
                        ? fixedName
                        : undefined,
                ),
                image: args.image,
                user: APP_USER,
                command,
                mounts: [
                    renderMount({ kind: "volume", volume: volume.name, target: DATA_FOLDER }),
                    renderMount(LARGE_TEMPORARY),
                ],
                // It asks nobody for anything.
                networkMode: "none",
                ...CONFINED_CONTAINER,
                ...renderLimits(boundsOf({ deployment: args.deployment, role: DEMO_ROLE })),
                ...CONTAINER_LOG,
                attach: true,
                logs: true,
                mustRun: false,
                labels: labels(args.deployment, DEMO_ROLE),
            },
            {
                parent: this,
                aliases: [{ name: `${name}-demo` }],
                // Only other parameters make new data. New code does not, and neither does another confinement.
                ignoreChanges: ["image", "labels", "logDriver", "logOpts", "memorySwap", ...CONFINEMENT],
                deleteBeforeReplace: true,
            },
        );
        return pulumi
            .all([writer.id, writer.exitCode, writer.containerLogs])
            .apply(async ([id, exitCode, log]) => {
                if (!isDryRun) {
                    await removeOthers(engine, writers, id);
                }
                finished("the demo survey", exitCode, log, this);
            });
    }
}

/**
 * A value that changes when the data changes; undefined when a change cannot be seen from here.
 *
 * @throws a mistake when the data's folder should be on this machine and is not, or when
 * the trainer would not see all of it
 */
export function surveyFingerprint(source: DataSource, local: boolean): string | undefined {
    if (source.source === "demo") {
        return JSON.stringify(source);
    }
    if (!local) {
        return undefined;
    }
    const path = resolve(source.path);
    refuseNoFolder(source.path, path);
    return dataFingerprint(path, DATA_FOLDER, surveyReader(source, local));
}

function refuseNoFolder(given: string, path: string): void {
    const what = whatIsAt(path);
    if (what === "folder") {
        return;
    }
    const isHome = given.startsWith("~") ? "; ~ is a shell's, so write your home's path out" : "";
    throw mistake(`data.path: ${path} ${what}; give the folder that holds the data to train on${isHome}`);
}

function whatIsAt(path: string): string {
    try {
        const stat = statSync(path, { throwIfNoEntry: false });
        return stat === undefined ? "does not exist" : stat.isDirectory() ? "folder" : "is not a folder";
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOTDIR") {
            return "does not exist";
        }
        return code === "EACCES" ? "cannot be seen by this user" : `cannot be looked at (${code})`;
    }
}

/** The user who can read a survey. */
export function surveyReader(source: DataSource, local: boolean): string {
    return source.source === "folder" ? readerOf(resolve(source.path), local) : APP_USER;
}

/** The mount by which a trainer sees a survey. If the survey is on a volume, the volume must already exist. */
export function surveyMount(source: DataSource, deployment: Pick<Deployment, "prefix">): Mount {
    return source.source === "folder"
        ? { kind: "host", path: resolve(source.path), target: DATA_FOLDER, readOnly: true }
        : {
              kind: "volume",
              volume: `${deployment.prefix}-${SURVEY_ROLE}`,
              target: DATA_FOLDER,
              readOnly: true,
          };
}

function demoCommand(
    trainer: Trainer,
    { traces, samples, seed }: Extract<DataSource, { source: "demo" }>,
): string[] {
    return [
        ...trainerCommand(trainer, "demo"),
        `--out=${DATA_FOLDER}`,
        `--traces=${traces}`,
        `--samples=${samples}`,
        `--seed=${seed}`,
    ];
}
