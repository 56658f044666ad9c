import { expect } from "chai";

import { Client } from "../support/stack/client";
import { succeeds } from "../support/expectations";
import { TestProject } from "../support/stack/project";
import { TestStack } from "../support/stack/stack";

/** The release that users run. Raise it with each release. */
const LAST_RELEASE = "b8878be360ba4103b918707800268fe0e6b3822c";
/**
 * Two gateway tasks cannot run side by side, because each holds a port. So a change of the gateway's service leaves a
 * gap of this length.
 */
const GATEWAY_RESTART_MS = 10_000;

describe("a stack of the last release", () => {
    let project: TestProject;
    let stack: TestStack;

    before(async () => {
        project = new TestProject(LAST_RELEASE);
        stack = await TestStack.create(project, `${project.name}-staging`);
        stack.configure({
            environment: "staging",
            mlflow: { port: stack.ports.mlflow, backend: "postgres" },
            serving: { port: stack.ports.api, replicas: 2 },
        });
    });
    after(async () => {
        const ended = await stack.destroy();
        expect(ended.code, ended.output).to.equal(0);
        expect(await stack.engine.left()).to.deep.equal([]);
        project.remove();
    });

    it("is updated in place, answers all along, and keeps its versions and records", async () => {
        succeeds(await stack.up());
        const client = await Client.of(stack);
        const earlier = client.outputs;
        project.upgrade();

        const { ended, failures } = await client.failuresDuring(stack.up());
        succeeds(ended);
        expect(spanOf(failures), JSON.stringify(failures)).to.be.below(GATEWAY_RESTART_MS);

        const { releases, password } = await client.refresh();
        await client.servesOn();
        expect(password).to.equal(earlier.password);
        expect(releases.map(({ runId }) => runId)).to.include(earlier.releases[0]!.runId);
        const run = `${client.outputs.mlflowUrl}/api/2.0/mlflow/runs/get?run_id=${earlier.releases[0]!.runId}`;
        expect((await client.request(run)).status).to.equal(200);
        succeeds(await stack.preview("--expect-no-changes"));
    });

    it("goes back to the release of then, with no prediction lost", async () => {
        const client = await Client.of(stack);
        const [, earlier] = client.outputs.releases;
        succeeds(await client.servesDuring(stack.script("rollback", "--stack", stack.name, "--yes")));
        expect((await client.refresh()).model.sha256).to.equal(earlier!.sha256);
        await client.servesOn();
    });
});

/** Milliseconds from the first failure to the last. Within one restart, the span is short. */
function spanOf(failures: readonly { at: number }[]): number {
    return failures.length === 0 ? 0 : failures.at(-1)!.at - failures[0]!.at;
}
