import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { expect } from "chai";
import { lexer, type Token, type Tokens } from "marked";

import { CHECKOUT } from "../../../cli/local/paths";
import { PROGRAM } from "../../../cli/testing/lint";
import { documentedCommands, UNTESTED } from "../../support/pages/documentedCommands";
import { anchorsOf, blocksOf, documents, linksOf, readDocument } from "../../support/pages/documents";

const MESSAGES = "docs/troubleshooting.md";
/** The folders with the messages of the program, its commands and its first trainer. */
const SOURCES = [...PROGRAM, "toolchain", "kit/kit", "trainer/seismic"];

describe("the documents", () => {
    const pages = documents();
    const links = pages.flatMap((page) =>
        linksOf(readDocument(page))
            .filter((link) => !/^[a-z]+:/.test(link))
            .map((link) => {
                const [path, anchor] = link.split("#") as [string, string?];
                const target = path === "" ? page : normalize(join(dirname(page), decodeURI(path)));
                return { page, link, target, anchor };
            }),
    );

    it("link to files that are there", () => {
        expect(links).to.have.length.above(100);
        const broken = links.filter(({ target }) => !existsSync(join(CHECKOUT, target)));
        expect(broken.map(({ page, link }) => `${page}: ${link}`)).to.deep.equal([]);
    });

    it("link to headings that are there", () => {
        const anchored = links.filter(({ target, anchor }) => anchor !== undefined && target.endsWith(".md"));
        expect(anchored).to.have.length.above(30);
        const broken = anchored.filter(
            ({ target, anchor }) => !anchorsOf(readDocument(target)).includes(anchor!),
        );
        expect(broken.map(({ page, link }) => `${page}: ${link}`)).to.deep.equal([]);
    });

    it("are all linked from another one", () => {
        const linked = new Set(
            links.filter(({ page, target }) => page !== target).map(({ target }) => target),
        );
        const alone = pages.filter((page) => page.startsWith("docs/") && !linked.has(page));
        expect(alone).to.deep.equal([]);
    });

    it("say of each block with commands what it is", () => {
        const nameless = pages.flatMap((page) =>
            blocksOf(readDocument(page))
                .filter(({ language, text }) => language === "" && /^(npm|pulumi|docker|curl) /m.test(text))
                .map(({ heading }) => `${page}: ${heading}`),
        );
        expect(nameless).to.deep.equal([]);
    });
});

describe("the commands of the documents", () => {
    const commands = documentedCommands();

    it("are shell that can be read", () => {
        const blocks = documents().flatMap((page) =>
            blocksOf(readDocument(page)).filter(({ language }) => language === "sh"),
        );
        expect(blocks).to.have.length.above(50);
        const refused = blocks.filter(({ text }) => spawnSync("bash", ["-n"], { input: text }).status !== 0);
        expect(refused.map(({ text }) => text)).to.deep.equal([]);
    });

    it("are of the scripts that there are", () => {
        const { scripts } = JSON.parse(readDocument("package.json")) as { scripts: object };
        const names = commands.flatMap(({ command }) => /^npm run ([\w:]+)/.exec(command)?.[1] ?? []);
        expect(names).to.have.length.above(20);
        expect(Object.keys(scripts)).to.include.members(names);
    });

    it("are those that are said to have no test", () => {
        const unused = UNTESTED.filter((it) => !commands.some(({ command }) => it.command.test(command)));
        expect(unused.map(({ command }) => String(command))).to.deep.equal([]);
    });
});

describe("the messages of docs/troubleshooting.md", () => {
    const tokens = lexer(readDocument(MESSAGES));
    const code = (inner: readonly Token[] | undefined): string[] =>
        (inner ?? []).flatMap((it) => (it.type === "codespan" ? [it.text as string] : []));
    const headings = tokens.filter((it): it is Tokens.Heading => it.type === "heading" && it.depth === 3);
    const rows = tokens
        .filter(
            (it): it is Tokens.Table =>
                it.type === "table" && (it as Tokens.Table).header[0]?.text === "message",
        )
        .flatMap((table) => table.rows.flatMap(([first]) => code(first?.tokens)));
    const messages = [...headings.flatMap((it) => code(it.tokens)), ...rows];
    const sources = sourceTexts();

    it("are each heading, as they are written", () => {
        expect(headings).to.have.length.above(60);
        expect(headings.filter((it) => code(it.tokens).length !== 1).map(({ text }) => text)).to.deep.equal(
            [],
        );
    });

    for (const message of messages) {
        it(`has ${message}`, () => {
            const parts = message.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
            // A part that differs is an expression in the source.
            const pattern = new RegExp(parts.join("[^\\n]{1,120}?"));
            expect(sources.some((text) => pattern.test(text))).to.equal(true);
        });
    }
});

/** The sources. The parts of a message on several lines are joined, as in the message. */
function sourceTexts(): string[] {
    const below = SOURCES.flatMap((folder) =>
        readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: "utf8" }).map(
            (name) => `${folder}/${name}`,
        ),
    );
    const files = [...readdirSync(CHECKOUT), ...below].filter((name) =>
        /\.(ts|py|go)$|^cli\/run$/.test(name),
    );
    return files.map((name) =>
        readFileSync(join(CHECKOUT, name), "utf8")
            .replace(/["`]\s*\+\s*["`]/g, "")
            .replace(/"\s*\n\s*f?"/g, ""),
    );
}
