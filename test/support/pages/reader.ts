import { readFileSync } from "node:fs";

import { expect } from "chai";

import { dropSalts } from "../../../cli/local/checkout";
import { Page, type Typed } from "./page";
import { Shell } from "./shell";
import type { Trio } from "../stack/trio";

/** Who types what pages say, word for word, in the project of three stacks, and answers yes to each question. */
export class Reader {
    private readonly shells: Shell[] = [];

    /** @param names what pages call things besides the stacks, and how they are called here */
    constructor(
        private readonly trio: Trio,
        private readonly names: Record<string, string> = {},
    ) {
        // A dependency that is not installed would have `npm start` install all of them over those of the checkout.
        const locks = ["package-lock.json", "node_modules/.installed-package-lock.json"];
        expect(new Set(locks.map((name) => readFileSync(name, "utf8"))).size, "lock files").to.equal(1);
        // The checkout's own stacks may be up, whose salts a clone would not have.
        dropSalts(trio.project.folder);
    }

    /**
     * A page in a new shell.
     *
     * @param more what this page calls things, and how they are called here
     */
    open(typed: Typed, more: Record<string, string> = {}): Page {
        const { trio } = this;
        const stacks = (["dev", "staging", "prod"] as const).map((name) => [name, trio.nameOf(name)]);
        // Ann is who commits on the pages.
        const names = {
            ...(Object.fromEntries(stacks) as Record<string, string>),
            ann: "e2e",
            ...this.names,
            ...more,
        };
        const shell = new Shell(trio.project.folder, { PULUMI_SKIP_CONFIRMATIONS: "true" });
        this.shells.push(shell);
        return new Page(typed, names, shell);
    }

    leave(): void {
        this.shells.forEach((shell) => shell.close());
    }
}
