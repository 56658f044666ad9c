import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Comment {
    id: number;
    body: string;
    html_url: string;
}

interface Pull {
    head: string;
    base: string;
    title: string;
}

const PER_PAGE = 2;

/**
 * A server with the part of GitHub's REST API that the CI's commands use, for one repository. It keeps what it gets,
 * returns lists in short pages, and answers only requests with the token.
 */
export class GitHub {
    readonly comments: Comment[] = [];
    readonly pulls: Pull[] = [];
    /** Files by branch, then by path. */
    readonly branches = new Map<string, Map<string, string>>();
    readonly unknown: string[] = [];
    private server!: Server;

    constructor(private readonly token = "a-token") {}

    async start(): Promise<void> {
        this.server = createServer((request, response) => {
            void text(request).then((sent) => {
                const authorized = request.headers.authorization === `token ${this.token}`;
                const url = new URL(request.url!, this.url());
                const given = sent === "" ? {} : (JSON.parse(sent) as Record<string, string>);
                const [status, answer, next] = authorized
                    ? this.answer(`${request.method} ${url.pathname}`, given, url.searchParams)
                    : [401, { message: "Bad credentials" }];
                const link = next === undefined ? {} : { link: `<${this.url()}${next}>; rel="next"` };
                response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...link });
                response.end(JSON.stringify(answer));
            });
        });
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    /** The environment of a workflow's step. */
    environment(): Record<string, string> {
        return {
            GITHUB_API_URL: this.url(),
            GITHUB_REPOSITORY: "team/models",
            GITHUB_TOKEN: this.token,
        };
    }

    private url(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    private answer(
        what: string,
        given: Record<string, string>,
        query: URLSearchParams,
    ): [number, unknown, string?] {
        const path = what.replace("/repos/team/models", "");
        const [, method, rest] = /^(\S+) (.*)$/.exec(path)!;
        if (rest === "/issues/7/comments" && method === "GET") {
            const page = Number(query.get("page") ?? 1);
            const shown = this.comments.slice((page - 1) * PER_PAGE, page * PER_PAGE);
            const isMore = this.comments.length > page * PER_PAGE;
            const next = `/repos/team/models/issues/7/comments?page=${page + 1}`;
            return [200, shown, ...(isMore ? [next] : [])] as [number, unknown, string?];
        }
        if (path === "POST /issues/7/comments") {
            const id = this.comments.length + 1;
            this.comments.push({ id, body: given.body!, html_url: `https://example.test/c/${id}` });
            return [201, this.comments.at(-1)];
        }
        const patched = /^PATCH \/issues\/comments\/(\d+)$/.exec(path);
        const comment = this.comments.find(({ id }) => id === Number(patched?.[1]));
        if (comment !== undefined) {
            comment.body = given.body!;
            return [200, comment];
        }
        return this.answerGit(method!, rest!, given, query) ?? this.notFound(path);
    }

    private answerGit(
        method: string,
        rest: string,
        given: Record<string, string>,
        query: URLSearchParams,
    ): [number, unknown] | undefined {
        const file = /^\/contents\/(.+)$/.exec(decodeURIComponent(rest))?.[1];
        if (file !== undefined && method === "GET") {
            const content = this.branches.get(query.get("ref")!)?.get(file);
            return content === undefined
                ? undefined
                : [
                      200,
                      { type: "file", sha: "1".repeat(40), content: Buffer.from(content).toString("base64") },
                  ];
        }
        if (file !== undefined && method === "PUT") {
            const text = Buffer.from(given.content!, "base64").toString("utf8");
            this.branches.get(given.branch!)!.set(file, text);
            return [200, {}];
        }
        const base = /^\/git\/ref\/heads%2F(.+)$/.exec(rest)?.[1];
        if (base !== undefined && this.branches.has(base)) {
            return [200, { object: { sha: "2".repeat(40) } }];
        }
        if (method === "POST" && rest === "/git/refs") {
            this.branches.set(given.ref!.replace("refs/heads/", ""), new Map());
            return [201, {}];
        }
        if (method === "POST" && rest === "/pulls") {
            this.pulls.push({ head: given.head!, base: given.base!, title: given.title! });
            return [201, { html_url: "https://example.test/pull/8" }];
        }
        return undefined;
    }

    private notFound(path: string): [number, unknown] {
        this.unknown.push(path);
        return [404, { message: `Not Found: ${path}` }];
    }
}
