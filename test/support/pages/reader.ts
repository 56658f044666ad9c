import { readFileSync } from "node:fs";

import { expect } from "chai";

import { dropSalts } from "../../../cli/local/checkout";
import { Page, type Typed } from "./page";
import { Shell } from "./shell";
import type { Trio } from "../stack/trio";

/**
 * A reader, who types the pages' commands word for word in a project of three stacks, and answers yes to each
 * question.
 */
export class Reader {
    private readonly shells: Shell[] = [];

    /** @param names further names on the pages, besides the stacks, and their names here */
    constructor(
        private readonly trio: Trio,
        private readonly names: Record<string, string> = {},
    ) {
        // With a missing dependency, `npm start` would install all of them over the checkout's own.
        const locks = ["package-lock.json", "node_modules/.installed-package-lock.json"];
        expect(new Set(locks.map((name) => readFileSync(name, "utf8"))).size, "lock files").to.equal(1);
        // The checkout's own stacks may be up. A clone would not have their salts.
        dropSalts(trio.project.folder);
    }

    /**
     * A page in a new shell.
     *
     * @param more further names on this page, and their names here
     */
    open(typed: Typed, more: Record<string, string> = {}): Page {
        const { trio } = this;
        const stacks = (["dev", "staging", "prod"] as const).map((name) => [name, trio.nameOf(name)]);
        // On the pages, Ann commits.
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
