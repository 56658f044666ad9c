/** What the CI's scripts do at GitHub, by its official client. */
import { readFileSync } from "node:fs";
import type { Octokit } from "@octokit/rest";
import { mistake } from "../../common/mistake";

export interface Repository {
    readonly client: Octokit;
    readonly owner: string;
    readonly repo: string;
}

/** The repository that a workflow runs for, from the variables that GitHub Actions sets, and GITHUB_TOKEN. */
export async function repository(env: NodeJS.ProcessEnv): Promise<Repository> {
    const missing = ["GITHUB_REPOSITORY", "GITHUB_TOKEN"].filter((name) => (env[name] ?? "") === "");
    if (missing.length > 0) {
        throw mistake(
            `${missing.join(", ")}: missing; this script is for GitHub Actions, which sets the former; ` +
                "give the latter in the step's env",
        );
    }
    const [owner, repo] = (env.GITHUB_REPOSITORY ?? "").split("/");
    // An ES module; loaded here, since nothing else needs it.
    const { Octokit: Client } = await import("@octokit/rest");
    const client = new Client({
        auth: env.GITHUB_TOKEN,
        ...(env.GITHUB_API_URL === undefined ? {} : { baseUrl: env.GITHUB_API_URL }),
    });
    return { client, owner: owner ?? "", repo: repo ?? "" };
}

/**
 * Writes a comment of a pull request, in place of the one that began with the same marker.
 *
 * @returns where it is
 */
export async function comment(at: Repository, pull: number, marker: string, body: string): Promise<string> {
    const { client, owner, repo } = at;
    const comments = await client.paginate(client.rest.issues.listComments, {
        owner,
        repo,
        issue_number: pull,
        per_page: 100,
    });
    const earlier = comments.find((it) => it.body?.startsWith(marker) === true);
    const { data } = await (earlier === undefined
        ? client.rest.issues.createComment({ owner, repo, issue_number: pull, body })
        : client.rest.issues.updateComment({ owner, repo, comment_id: earlier.id, body }));
    return data.html_url;
}

export interface Proposal {
    readonly file: string;
    /** Its path in the repository, of which the project may be a folder. */
    readonly path: string;
    readonly branch: string;
    /** The branch that it is to be merged into. */
    readonly base: string;
    /** The content of the file that the change begins from. */
    readonly title: string;
    readonly body: string;
}

/**
 * Proposes one changed file of this checkout as a pull request.
 *
 * @returns where it is; undefined when the base has that content already
 */
export async function propose(at: Repository, proposal: Proposal): Promise<string | undefined> {
    const { client, owner, repo } = at;
    const { path, branch, base, title, body } = proposal;
    const content = readFileSync(proposal.file);
    const { data: present } = await client.rest.repos.getContent({ owner, repo, path, ref: base });
    if (Array.isArray(present) || present.type !== "file") {
        throw mistake(`${path}: not a file in ${base} of ${owner}/${repo}`);
    }
    if (Buffer.from(present.content, "base64").equals(content)) {
        return undefined;
    }
    const { data: head } = await client.rest.git.getRef({ owner, repo, ref: `heads/${base}` });
    await client.rest.git.createRef({ owner, repo, ref: `refs/heads/${branch}`, sha: head.object.sha });
    await client.rest.repos.createOrUpdateFileContents({
        owner,
        repo,
        path,
        branch,
        message: title,
        content: content.toString("base64"),
        sha: present.sha,
    });
    const { data } = await client.rest.pulls.create({ owner, repo, head: branch, base, title, body });
    return data.html_url;
}
