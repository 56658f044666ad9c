import { expect } from "chai";

import { type Block, blocksOf, commandsOf, readDocument, sectionOf } from "./documents";
import { typed } from "../ran";
import { literally } from "../expectations";
import type { Shell } from "./shell";

/** A page, or its part below one heading. A test types its commands word for word. */
export interface Typed {
    page: string;
    heading?: string;
}

export const QUICK_START: Typed = { page: "docs/quick-start.md" };
export const SERVING: Typed = { page: "docs/serving.md" };
export const PROMOTION: Typed = { page: "docs/promotion.md", heading: "A worked example" };
export const ANOTHER_STACK: Typed = { page: "docs/environments.md", heading: "Another stack" };
export const AWAY: Typed = { page: "docs/environments.md", heading: "Away with one" };

/** In a page's output, this means any text. */
const ANYTHING = "…";
/** The parts that differ from run to run: times, hashes, figures, ports. Versions and counts do not differ. */
const VARIES: [RegExp, string][] = [
    [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+Z)?/g, "<time>"],
    [/\b[0-9a-f]{7,64}\b/g, "<hash>"],
    [/\d+\.\d+|\d{3,}/g, "<number>"],
];

/** Types some blocks of a page in order. Stacks and folders have other names here than on the page. */
export class Page {
    private readonly blocks: Block[];

    /** @param names names on the page, and their names here */
    constructor(
        { page, heading }: Typed,
        private readonly names: Record<string, string>,
        private readonly shell: Shell,
    ) {
        const text = readDocument(page);
        const all = blocksOf(heading === undefined ? text : sectionOf(text, heading)).filter(({ language }) =>
            ["sh", "text"].includes(language),
        );
        // Blocks before the first command were not typed, and nothing was printed for them.
        this.blocks = all.slice(all.findIndex(({ language }) => language === "sh"));
    }

    /**
     * Types the next block of commands. Checks that the output has what the page shows below the block.
     *
     * @param has a text of this block, so that a test names the block that it means
     */
    async next(has: string): Promise<string> {
        const block = this.blocks.shift();
        expect(block?.language, `the block with ${has}`).to.equal("sh");
        expect(block!.text).to.include(has);
        const output = await this.shell.run(this.here(block!.text));
        typed(commandsOf(block!));
        if (this.blocks[0]?.language === "text") {
            expectShown(this.here(this.blocks.shift()!.text), output);
        }
        return output;
    }

    /** Checks that all blocks of the page were typed. */
    expectEnd(): void {
        expect(this.blocks.map(({ text }) => text)).to.deep.equal([]);
    }

    /** A text of the page with the names here. The name of an environment is the same everywhere. */
    private here(text: string): string {
        const start = text.replace(/^npm start$/m, "npm start -- --stack dev");
        const names = Object.keys(this.names).map(literally).join("|");
        return start.replace(
            new RegExp(`(?<!\\w|environment":")(${names})(?!\\w|/null)`, "g"),
            (name) => this.names[name]!,
        );
    }
}

/** Checks that the lines of the page were printed in this order. Other lines may be between them. */
function expectShown(shown: string, output: string): void {
    let rest = output.split("\n").map(settled);
    for (const line of shown.split("\n").filter((it) => it !== "" && it !== ANYTHING)) {
        const parts = settled(line).split(ANYTHING);
        const pattern = new RegExp(`^${parts.map(literally).join(".*")}$`);
        const at = rest.findIndex((it) => pattern.test(it));
        expect(at, `the page shows a line that was not printed:\n${line}\nPrinted:\n${output}`).not.to.equal(
            -1,
        );
        rest = rest.slice(at + 1);
    }
}

function settled(line: string): string {
    const same = VARIES.reduce((text, [pattern, name]) => text.replace(pattern, name), line);
    return same.replace(/\s+/g, " ").trim();
}
