import { expect } from "chai";

import { Client } from "./client";
import { fails, succeeds } from "./expectations";
import type { TestStack } from "./stack";
import { suiteStack } from "./suite";

const MINUTE = 60_000;
const TRAIN = "trainer/seismic/train.py";

describe("a staging stack", function () {
    this.timeout(10 * MINUTE);
    let stack: TestStack;
    let client: Client;

    suiteStack((made) => {
        stack = made;
        stack.configure({ environment: "staging", sourceMount: true });
    });

    it("refuses a release that does not exist, before anything is made", async () => {
        stack.configure({ environment: "staging", release: "v9" });
        fails(await stack.preview(), "release: got v9; this clone has no such tag, branch or commit");
        expect(await stack.engine.left()).to.deep.equal([]);
        stack.configure({ environment: "staging", sourceMount: true });
    });

    it("runs what is committed, whatever the working tree holds, and keeps it in PostgreSQL", async () => {
        stack.edit(TRAIN, "raise SystemExit('not committed')\n");
        succeeds(await stack.up());
        client = await Client.of(stack);
        expect(client.outputs.release).to.include({ ref: "HEAD", dirty: false, commit: stack.head() });
        expect(client.outputs.model).to.include({ version: "1" });
        await client.servesOn();
        succeeds(await stack.preview("--expect-no-changes"));
    });

    it("keeps the database's password out of the state and of what the engine shows", async () => {
        const [postgres] = await stack.engine.running("postgres");
        const password = await stack.engine.exec(postgres!.Id, ["cat", "/run/secrets/password"]);
        expect(password).to.match(/^\w{32}$/);
        const { output } = await stack.pulumi("stack", "export", "--stack", stack.name);
        expect(output).not.to.include(password);
        for (const role of ["postgres", "mlflow"]) {
            const inspected: unknown = await stack.engine.docker
                .getService(stack.engine.physical(role))
                .inspect();
            expect(JSON.stringify(inspected)).not.to.include(password);
        }
    });

    it("takes a commit that leaves the trainer as it was for no change of it", async () => {
        stack.restore(TRAIN);
        stack.write("NOTES.md", "nothing to train for");
        expect(await stack.changed()).to.deep.equal(["serving-service"]);
    });

    it("has lost nothing when the database was killed", async () => {
        const [postgres] = await stack.engine.running("postgres");
        await stack.engine.docker.getContainer(postgres!.Id).kill();
        succeeds(await client.servesDuring(stack.up()));
        expect((await client.refresh()).model).to.include({ version: "1" });
    });

    it("finds its runs and versions again when it was destroyed, with a new password", async () => {
        succeeds(await stack.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack.name));
        succeeds(await stack.up());
        const again = await client.refresh();
        expect(again.model).to.include({ version: "1" });
        await client.servesOn();
    });
});
