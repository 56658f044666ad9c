import { appendFileSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { fails } from "../expectations";
import type { Ended } from "../stack/types";

export interface RefusedBackupsArgs {
    /** A whole, encrypted backup. */
    backupOf: () => string;
    keyOf: () => { identity: string; recipient: string };
    /** Runs a command on the stack. */
    run: (name: string, ...args: string[]) => Promise<Ended>;
    /** The container of MLflow. */
    mlflow: () => Promise<string>;
}

/** Tests that a restore refuses what it should not use, before anything is changed. */
export function refusedBackups({ backupOf, keyOf, run, mlflow }: RefusedBackupsArgs): void {
    it("that is damaged, altered or not to be opened is refused before anything is changed", async () => {
        const { identity, recipient } = keyOf();
        const damaged = `${backupOf()}-damaged`;
        cpSync(backupOf(), damaged, { recursive: true });
        const task = await mlflow();
        const restore = (...args: string[]) => run("restore", "--backup", damaged, "--yes", ...args);
        const opened = (...args: string[]) => restore("--identity", identity, ...args);
        fails(await restore(), "--identity: missing", recipient);
        appendFileSync(join(damaged, "artifacts.tar.age"), "!");
        fails(await opened(), "-damaged/artifacts.tar.age: got", "The backup is damaged");
        appendFileSync(join(damaged, "manifest.json"), " ");
        fails(await opened("--unauthenticated"), "it was altered", "Nothing was changed");
        rmSync(join(damaged, "manifest.json"));
        fails(await opened(), "which has no manifest.json; choose the folder");
        rmSync(damaged, { recursive: true });
        expect(await mlflow()).to.equal(task);
    });
}
