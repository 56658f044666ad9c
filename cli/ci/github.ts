/** Comments and pull requests at GitHub, by its official client. */
import { readFileSync } from "node:fs";
import type { Octokit } from "@octokit/rest";
import { mistake } from "../../common/mistake";

export interface Repository {
    readonly client: Octokit;
    readonly owner: string;
    readonly repo: string;
}

/** The repository that a workflow runs for, from GITHUB_TOKEN and the variables that GitHub Actions sets. */
export async function repository(env: NodeJS.ProcessEnv): Promise<Repository> {
    const missing = ["GITHUB_REPOSITORY", "GITHUB_TOKEN"].filter((name) => (env[name] ?? "") === "");
    if (missing.length > 0) {
        throw mistake(
            `${missing.join(", ")}: missing; this script is for GitHub Actions, which sets the former; ` +
                "give the latter in the step's env",
        );
    }
    const [owner, repo] = (env.GITHUB_REPOSITORY ?? "").split("/");
    // This is an ES module. It is loaded here, because no other command needs it.
    const { Octokit: Client } = await import("@octokit/rest");
    const client = new Client({
        auth: env.GITHUB_TOKEN,
        ...(env.GITHUB_API_URL === undefined ? {} : { baseUrl: env.GITHUB_API_URL }),
    });
    return { client, owner: owner ?? "", repo: repo ?? "" };
}

/**
 * Writes a comment of a pull request. It replaces the comment that begins with the same marker.
 *
 * @returns the comment's address
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
    /** The file's path in the repository. The project may be a folder of the repository. */
    readonly path: string;
    readonly branch: string;
    /** The branch into which the change will be merged. */
    readonly base: string;
    readonly title: string;
    readonly body: string;
}

/**
 * Proposes one changed file of this checkout as a pull request.
 *
 * @returns the pull request's address; undefined when the base already has this content
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
