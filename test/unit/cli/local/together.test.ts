import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { run } from "../../../../cli/local/processes";
import { say, step } from "../../../../cli/terminal/steps";
import { interruption, together } from "../../../../cli/local/together";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** Prints that it runs, and then runs until it is ended. */
const ENDLESS = ["-e", 'console.log("runs"); setInterval(() => undefined, 1000);'];

/** A command that does not end by itself, and a promise that it runs. */
function endless(): { command: () => Promise<number>; runs: Promise<void> } {
    let told = (): void => undefined;
    const runs = new Promise<void>((resolve) => (told = resolve));
    const command = async (): Promise<number> =>
        (await run(process.execPath, ENDLESS, { report: () => told() })).code;
    return { command, runs };
}

async function failAfter(what: Promise<void>): Promise<never> {
    await what;
    throw new Error("the first");
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
    return work.then(
        () => undefined,
        (error: unknown) => error,
    );
}

describe("work side by side", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    it("gives both results", async () => {
        const both = await together(
            () => Promise.resolve(1),
            () => Promise.resolve("a"),
        );
        expect(both).to.deep.equal([1, "a"]);
        expect(interruption()).to.equal(undefined);
    });

    for (const order of ["first", "second"] as const) {
        it(`ends the command of the other when the ${order} fails, and throws its error`, async () => {
            const { command, runs } = endless();
            const started = join(folder, "started");
            const other = async (): Promise<void> => {
                expect(await command()).to.not.equal(0);
                await run("touch", [started]);
            };
            const fail = (): Promise<never> => failAfter(runs);
            const error = await errorOf(order === "first" ? together(fail, other) : together(other, fail));
            expect(error).to.be.an("error").with.property("message", "the first");
            expect(existsSync(started), "a command that began after the failure").to.equal(false);
        });
    }

    it("ends the commands of work within work", async () => {
        const { command, runs } = endless();
        const inner = (): Promise<unknown> => together(command, () => Promise.resolve());
        const error = await errorOf(together(inner, () => failAfter(runs)));
        expect(error).to.be.an("error").with.property("message", "the first");
    });

    it("is shown on one line of a terminal, and what is told has a line of its own", async () => {
        const shown = await onTerminal(40, () =>
            together(
                () =>
                    step("one", async () => {
                        await step("another", () => Promise.resolve());
                        say("told");
                    }),
                () => Promise.resolve(),
            ),
        );
        expect(shown).to.include("\r\x1b[Kone: 0.0 s | another: 0.0 s");
        expect(shown).to.include("\r\x1b[Ktold\n");
    });

    it("shows no line that is longer than the terminal", async () => {
        const title = "x".repeat(100);
        const shown = await onTerminal(40, () => step(title, () => step(title, () => Promise.resolve())));
        expect(shown).to.include(`\r\x1b[K${"x".repeat(18)} | ${"x".repeat(18)}\r`);
    });
});

/** The text that the work writes to a terminal with so many columns. */
async function onTerminal(columns: number, work: () => Promise<unknown>): Promise<string> {
    const { stdout } = process;
    const real = { isTTY: stdout.isTTY, columns: stdout.columns, write: stdout.write.bind(stdout) };
    const log = console.log;
    let written = "";
    const write = (text: string): boolean => {
        written += text;
        return true;
    };
    Object.assign(stdout, { isTTY: true, columns, write });
    console.log = (line: string) => write(`${line}\n`);
    try {
        await work();
    } finally {
        Object.assign(stdout, real);
        console.log = log;
    }
    return written;
}
