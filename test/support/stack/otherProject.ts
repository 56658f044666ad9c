import { execFileSync } from "node:child_process";

import { expect } from "chai";
import type Docker from "dockerode";

import { ownLabels } from "../../../components/stack/deployment";
import { BASE_IMAGE } from "../../../cli/setup/baseImage";
import { readDocument } from "../pages/documents";
import { typed } from "../ran";
import type { TestProject } from "./project";
import type { TestStack } from "./stack";
import { TRAINER_GUIDE } from "./tabular";

/** Roles. Their containers are found by labels, so that they can be asked or ended. */
const ROLES = ["mlflow", "training", "postgres"];

/** Gives a project another name with the commands of the guide. */
export function renameByTheGuide(project: TestProject): void {
    const commands = readDocument(TRAINER_GUIDE).match(/^perl -pi .*\bchurn\b.*$/gm) ?? [];
    expect(commands, "commands of the guide").to.have.length(2);
    const name = `${project.name}-churn`;
    for (const command of commands) {
        execFileSync("sh", ["-ec", command.replace("churn", name)], { cwd: project.folder });
    }
    typed(commands);
    expect(project.pulumiName).to.equal(name);
}

/** The running things of another project's stack with the same name, on the same engine. */
export class OtherProject {
    private constructor(private readonly containers: readonly Docker.Container[]) {}

    static async beside({ engine, name }: TestStack): Promise<OtherProject> {
        const start = async (role: string) => {
            const container = await engine.docker.createContainer({
                name: `${name}-other-${role}`,
                Image: BASE_IMAGE,
                Cmd: ["sleep", "infinity"],
                Labels: ownLabels({ project: `${name}-other`, stack: name }, role),
                HostConfig: { NetworkMode: "none" },
            });
            await container.start();
            return container;
        };
        return new OtherProject(await Promise.all(ROLES.map(start)));
    }

    /** The states of its containers. Throws if one is gone. */
    async states(): Promise<string[]> {
        return Promise.all(this.containers.map(async (it) => (await it.inspect()).State.Status));
    }

    async remove(): Promise<void> {
        await Promise.all(this.containers.map((it) => it.remove({ force: true })));
    }
}
