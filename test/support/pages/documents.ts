import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import GithubSlugger from "github-slugger";
import { lexer, type MarkedToken, type Token, walkTokens } from "marked";

import { CHECKOUT } from "../../../cli/local/paths";

/** A fenced block of a page. */
export interface Block {
    /** The word after the fence: "sh", "text". */
    language: string;
    text: string;
    /** The heading above it, without marks; empty before the first heading. */
    heading: string;
}

/** The pages for people, relative to the checkout. */
export function documents(): string[] {
    const examples = readdirSync(join(CHECKOUT, "examples"), { recursive: true, encoding: "utf8" });
    return [
        ...readdirSync(CHECKOUT).filter((name) => name.endsWith(".md")),
        ...readdirSync(join(CHECKOUT, "docs"), { recursive: true, encoding: "utf8" })
            .filter((name) => name.endsWith(".md"))
            .map((name) => `docs/${name}`),
        ...examples.filter((name) => /(^|\/)README\.md$/.test(name)).map((name) => `examples/${name}`),
    ].sort();
}

export function readDocument(name: string): string {
    return readFileSync(join(CHECKOUT, name), "utf8");
}

/** The fenced blocks of a page, in order. */
export function blocksOf(markdown: string): Block[] {
    let heading = "";
    return tokensOf(markdown).flatMap((token) => {
        if (token.type === "heading") {
            heading = plain(token.tokens);
        }
        return token.type === "code" && token.codeBlockStyle !== "indented"
            ? [{ language: token.lang ?? "", text: token.text, heading }]
            : [];
    });
}

/** The part of a page under a heading, up to the next heading of its level or above. */
export function sectionOf(markdown: string, heading: string): string {
    const tokens = lexer(markdown) as MarkedToken[];
    const begin = tokens.findIndex((it) => it.type === "heading" && plain(it.tokens) === heading);
    const title = tokens[begin];
    if (title?.type !== "heading") {
        throw new Error(`there is no heading ${heading}`);
    }
    const after = tokens.slice(begin + 1);
    const end = after.findIndex((it) => it.type === "heading" && it.depth <= title.depth);
    return (end === -1 ? after : after.slice(0, end)).map(({ raw }) => raw).join("");
}

/** The headings of a page, without marks. */
export function headingsOf(markdown: string): string[] {
    return tokensOf(markdown).flatMap((it) => (it.type === "heading" ? [plain(it.tokens)] : []));
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(markdown: string): string[] {
    const slugger = new GithubSlugger();
    return headingsOf(markdown).map((heading) => slugger.slug(heading));
}

/** The targets of a page's links, as they are written. */
export function linksOf(markdown: string): string[] {
    return tokensOf(markdown).flatMap((it) => (it.type === "link" || it.type === "image" ? [it.href] : []));
}

/** The commands of a shell block, without comments. A command on several lines is joined. */
export function commandsOf({ text }: Block): string[] {
    return text
        .replace(/\\\n\s*/g, "")
        .split("\n")
        .map((line) => line.replace(/(^|\s)#\s.*$/, "").trim())
        .filter((line) => line !== "");
}

/** All tokens of a page in order, also those inside others. */
function tokensOf(markdown: string): MarkedToken[] {
    const found: MarkedToken[] = [];
    void walkTokens(lexer(markdown), (token) => {
        found.push(token as MarkedToken);
    });
    return found;
}

/** The visible text of a heading, from which its anchor is made. */
function plain(tokens: Token[]): string {
    return tokens
        .map((token) => {
            const { tokens: inner, text } = token as { tokens?: Token[]; text?: string };
            return inner === undefined ? (text ?? token.raw) : plain(inner);
        })
        .join("");
}
