import { expect } from "chai";

import { fails, succeeds } from "../expectations";
import type { Client } from "../stack/client";
import { answersDuring } from "../stack/gaps";
import type { Config, TestStack } from "../stack/stack";
import type { Ended } from "../stack/types";
import { databasePasswords, letIn } from "./databaseLogin";

export interface RotationArgs {
    stackOf: () => TestStack;
    clientOf: () => Client;
    /** Runs a command on the stack. */
    run: (name: string, ...args: string[]) => Promise<Ended>;
    verify: () => Promise<Ended>;
    configure: (config?: Config) => void;
}

/** Tests of new passwords for a stack with PostgreSQL and scheduled backups. */
export function rotation({ stackOf, clientOf, run, verify, configure }: RotationArgs): void {
    it("is refused while an update would change more", async () => {
        configure({ logLevel: "DEBUG" });
        fails(
            await run("rotate", "--yes"),
            "would change more than the passwords:",
            "update serving-service",
        );
        configure();
    });

    it("makes the old passwords worth nothing, and only that", async () => {
        const [stack, client] = [stackOf(), clientOf()];
        const [before, inPostgres] = [client.outputs.password, await databasePasswords(stack)];
        const [serving] = await stack.engine.running("serving");
        const rotated = run("rotate", "--yes");
        // Each request is answered. The former password is good until the new one is.
        const answers = await answersDuring(client, rotated);
        succeeds(await rotated);
        expect(answers).to.deep.equal([200, 401, 200]);
        const { password, apiUrl } = await client.refresh();
        expect((await client.request(`${apiUrl}/version`, {}, before)).status).to.equal(401);
        expect((await client.request(`${apiUrl}/version`, {}, password)).status).to.equal(200);
        expect(await letIn(stack, inPostgres)).to.deep.equal(["", "", ""]);
        expect(await letIn(stack, await databasePasswords(stack))).to.deep.equal(["1", "1", "1"]);
        // It has another password for MLflow.
        expect((await stack.engine.running("serving"))[0]!.Id).not.to.equal(serving!.Id);
        succeeds(await verify());
        succeeds(await stack.preview("--expect-no-changes"));
    });
}
