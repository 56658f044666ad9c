import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { CHECKOUT } from "../../../cli/local/paths";
import { nameOfRun } from "../../../cli/testing/leftovers";
import { PROGRAM } from "../../../cli/testing/lint";
import { joinRun, RUN } from "../../../cli/testing/runs";
import { writeFile } from "../temporaryFolder";

const FOLDERS = [
    ...PROGRAM,
    "images",
    "kit",
    "runtime",
    "examples",
    "toolchain",
    "trainer",
    "\\.github",
    "test/trainers",
];
const COPIED = new RegExp(`^(${FOLDERS.join("|")})/|^[^/]+$`);
/** Much more than the repository has. */
const ARCHIVE_BYTES = 1 << 28;

/** A copy of this checkout as a git repository, which a test may break. */
export class TestProject {
    /**
     * The beginning of its stacks' names, which no user has. It is the run's name with two more bytes. Runs find
     * their things by it.
     */
    readonly name = `${nameOfRun(process.env[RUN] ?? randomBytes(2).toString("hex"))}${randomBytes(2).toString("hex")}`;
    readonly folder = mkdtempSync(join(tmpdir(), `seismic-${this.name}-`));

    /** @param from a commit with the files; without it, the files are the checkout's present ones */
    constructor(from?: string) {
        const run = process.env[RUN];
        if (run !== undefined) {
            joinRun(run);
        }
        if (from === undefined) {
            this.copyCheckout();
        } else {
            const archive = execFileSync("git", ["archive", from], {
                cwd: CHECKOUT,
                maxBuffer: ARCHIVE_BYTES,
            });
            execFileSync("tar", ["--extract", "--directory", this.folder], { input: archive });
        }
        symlinkSync(join(CHECKOUT, "node_modules"), join(this.folder, "node_modules"));
        this.git("init", "-q", "-b", "main");
        this.git("config", "user.name", "e2e");
        this.git("config", "user.email", "e2e@example.org");
        // Pulumi writes a salt into it. Without setup's filter, the salt makes a checkout's tree dirty.
        writeFileSync(join(this.folder, ".git", "info", "exclude"), "Pulumi.e2e-*.yaml\n");
        this.commit(from ?? "the checkout under test");
    }

    /** Replaces the files of an earlier commit by the checkout's. */
    upgrade(): string {
        this.git("rm", "-rq", ".");
        this.copyCheckout();
        return this.commit("the checkout under test");
    }

    /** The name in Pulumi.yaml. */
    get pulumiName(): string {
        return (parse(this.read("Pulumi.yaml")) as { name: string }).name;
    }

    /** The text of a file of the copy. */
    read(name: string): string {
        return readFileSync(join(this.folder, name), "utf8");
    }

    /** Replaces a file of the copy. */
    edit(name: string, text: string): void {
        writeFile(join(this.folder, name), text);
    }

    /** Replaces a file of the copy, and commits. */
    write(name: string, text: string): string {
        this.edit(name, text);
        return this.commit(name);
    }

    /** Commits a stack's file, which git otherwise ignores here. */
    track(name: string, message: string): string {
        this.git("add", "--force", "--", name);
        return this.commit(message);
    }

    /** Restores a file of the copy from the checkout, and commits. */
    restore(name: string): string {
        cpSync(join(CHECKOUT, name), join(this.folder, name));
        return this.commit(`restore ${name}`);
    }

    /** The commit that is checked out. */
    head(): string {
        return this.git("rev-parse", "HEAD");
    }

    /** The differences to the last commit, with new files; empty for a clean tree. */
    status(): string {
        return this.git("status", "--porcelain");
    }

    remove(): void {
        rmSync(this.folder, { recursive: true });
    }

    private copyCheckout(): void {
        const files = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: CHECKOUT })
            .toString()
            .split("\0")
            .filter((name) => COPIED.test(name))
            // The list also has files that are deleted but not committed.
            .filter((name) => existsSync(join(CHECKOUT, name)));
        for (const name of files) {
            cpSync(join(CHECKOUT, name), join(this.folder, name), { recursive: true });
        }
        // The file of a stack that is up has its salt. Setup makes git ignore the salt, so it is no part of a commit.
        for (const name of files.filter((it) => /^Pulumi\.[^/]+\.yaml$/.test(it))) {
            this.edit(name, this.read(name).replace(/^encryptionsalt:.*\n/m, ""));
        }
    }

    private commit(message: string): string {
        this.git("add", "-A");
        this.git("commit", "-q", "--allow-empty", "-m", message);
        return this.head();
    }

    private git(...args: string[]): string {
        return execFileSync("git", args, { cwd: this.folder, encoding: "utf8" }).trim();
    }
}
