import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { expect } from "chai";
import { lexer, type Token, type Tokens } from "marked";
import { parse } from "yaml";

import { parseTexts } from "../../config";
import { SECRET_KEYS } from "../../configSecrets";
import { CHECKOUT, PROJECT } from "../../scripts/setup/paths";
import { TESTED, TYPED, UNTESTED } from "../docsCommands";
import {
    anchorsOf,
    type Block,
    blocksOf,
    commandsOf,
    documents,
    linksOf,
    readDocument,
    sectionOf,
} from "../documents";

const MESSAGES = "docs/troubleshooting.md";
/** Where messages of the program, its scripts and its first trainer are written. */
const SOURCES = ["components", "engine", "source", "scripts", "trainer/seismic"];

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
    const blocks = documents().flatMap((page) =>
        blocksOf(readDocument(page))
            .filter(({ language }) => language === "sh")
            .map((block) => ({ page, block })),
    );
    const isTyped = (page: string, { text }: Block) => blocksTyped(page).some((typed) => typed.text === text);

    it("are run by a test", () => {
        expect(blocks).to.have.length.above(50);
        const known = [...TESTED, ...UNTESTED];
        const unknown = blocks
            .filter(({ page, block }) => !isTyped(page, block))
            .flatMap(({ page, block }) => commandsOf(block).map((command) => ({ page, command })))
            .filter(({ command }) => !known.some((it) => it.command.test(command)));
        expect(unknown.map(({ page, command }) => `${page}: ${command}`)).to.deep.equal([]);
    });

    it("are in the tests that are said to run them", () => {
        const missing = TESTED.filter(({ test, text }) => !runs(test).includes(text));
        expect(missing.map(({ command, test }) => `${String(command)}: ${test}`)).to.deep.equal([]);
    });

    it("are those that are said to have no test, or one elsewhere", () => {
        const commands = blocks.flatMap(({ block }) => commandsOf(block));
        const unused = [...TESTED, ...UNTESTED].filter(
            (it) => !commands.some((command) => it.command.test(command)),
        );
        expect(unused.map(({ command }) => String(command))).to.deep.equal([]);
    });

    for (const { page, block } of blocks.filter(({ block: { text } }) => text.includes("pulumi config "))) {
        it(`make a configuration that is accepted: ${page}, ${block.heading}`, () => {
            for (const [stack, texts] of configuredBy(commandsOf(block))) {
                expect(problemsOf(texts), `of ${stack}`).to.equal("");
            }
        });
    }
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
            // What differs is an expression in the source.
            const pattern = new RegExp(parts.join("[^\\n]{1,120}?"));
            expect(sources.some((text) => pattern.test(text))).to.equal(true);
        });
    }
});

/** The sources with the parts of a message that stand on several lines joined, as the message has them. */
function sourceTexts(): string[] {
    const below = SOURCES.flatMap((folder) =>
        readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: "utf8" }).map(
            (name) => `${folder}/${name}`,
        ),
    );
    const files = [...readdirSync(CHECKOUT), ...below].filter((name) =>
        /\.(ts|py)$|^scripts\/run$/.test(name),
    );
    return files.map((name) =>
        readFileSync(join(CHECKOUT, name), "utf8")
            .replace(/["`]\s*\+\s*["`]/g, "")
            .replace(/"\s*\n\s*f?"/g, ""),
    );
}

/** What a test runs: its text, or of a page that one types the blocks that it does. */
function runs(test: string): string {
    return test.endsWith(".md")
        ? blocksTyped(test)
              .map(({ text }) => text)
              .join("\n")
        : readFileSync(join(CHECKOUT, test), "utf8");
}

function blocksTyped(page: string): Block[] {
    return TYPED.filter((it) => it.page === page).flatMap(({ heading }) => {
        const text = readDocument(page);
        return blocksOf(heading === undefined ? text : sectionOf(text, heading)).filter(
            ({ language }) => language === "sh",
        );
    });
}

function problemsOf(texts: Record<string, string>): string {
    try {
        parseTexts(texts, PROJECT);
        return "";
    } catch (error) {
        return (error as Error).message;
    }
}

/** The configuration of each stack once commands were typed: texts by full key, as Pulumi hands them over. */
function configuredBy(commands: string[]): Map<string, Record<string, string>> {
    const stacks = new Map<string, Record<string, unknown>>();
    for (const command of commands.filter((it) => it.startsWith("pulumi config "))) {
        const words = (command.match(/'[^']*'|"[^"]*"|\S+/g) ?? [])
            .slice(2)
            .map((it) => it.replace(/^['"]|['"]$/g, ""));
        const option = (name: string): string | undefined => {
            const at = words.indexOf(name);
            return at === -1 ? undefined : words.splice(at, 2)[1];
        };
        const [stack, type] = [option("--stack") ?? "new", option("--type")];
        const flags = words.filter((it) => it.startsWith("--"));
        const [verb, key, value] = words.filter((it) => !it.startsWith("--"));
        const values = stacks.get(stack) ?? committedValues(stack);
        stacks.set(stack, values);
        if (flags.includes("--secret")) {
            expect(SECRET_KEYS, command).to.include(key);
        } else if (!key!.includes(":")) {
            const path = flags.includes("--path") ? key!.split(".") : [key!];
            change(values, path, verb === "rm" ? undefined : typed(value!, type));
        }
    }
    return new Map([...stacks].map(([stack, values]) => [stack, asTexts(values)]));
}

/** What a stack's committed file has, or one that there is no file for. */
function committedValues(stack: string): Record<string, unknown> {
    const file = join(CHECKOUT, `Pulumi.${stack.replace("-eu", "")}.yaml`);
    if (!existsSync(file)) {
        return { environment: "dev" };
    }
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    const values = Object.entries(config).map(([key, value]) => [key.replace(`${PROJECT}:`, ""), value]);
    // Nothing is pinned before the first promotion.
    return { ...(stack === "prod" ? { release: "v1" } : {}), ...(Object.fromEntries(values) as object) };
}

/** A value as `pulumi config set` stores it: what is no whole number, true or false stays a text, unless it is told. */
function typed(text: string, type: string | undefined): unknown {
    if (type === "float") {
        return Number(text);
    }
    return /^(true|false|0|[1-9]\d*)$/.test(text) ? (JSON.parse(text) as unknown) : text;
}

function change(values: Record<string, unknown>, [key, ...rest]: string[], value: unknown): void {
    if (rest.length > 0) {
        change((values[key!] ??= {}) as Record<string, unknown>, rest, value);
    } else if (value === undefined) {
        delete values[key!];
    } else {
        values[key!] = value;
    }
}

function asTexts(values: Record<string, unknown>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [
            `${PROJECT}:${key}`,
            typeof value === "string" ? value : JSON.stringify(value),
        ]),
    );
}
