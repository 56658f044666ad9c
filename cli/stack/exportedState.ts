/** Pulumi's state of a stack. Its secrets stay encrypted, as in the backend. */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { mistake } from "../../common/mistake";
import { parseJson } from "../../common/json";
import { kept, releaseRecords, type ReleaseRecord } from "../../releases/records";
import { CHECKOUT, OWNER_ONLY } from "../local/paths";
import { mustRun } from "../local/processes";
import { inTemporaryFolder } from "../local/temporary";

const ROOT = "pulumi:pulumi:Stack";

const exported = z.looseObject({
    deployment: z.looseObject({
        resources: z
            .array(
                z.looseObject({
                    type: z.string(),
                    urn: z.string(),
                    inputs: z.record(z.string(), z.unknown()).optional(),
                    outputs: z.record(z.string(), z.unknown()).optional(),
                }),
            )
            .default([]),
    }),
});

export type StackState = z.infer<typeof exported>;

/** Exports by the pulumi command, because the Automation API would decrypt all secrets. */
export async function exportState(stack: string): Promise<StackState> {
    const { stdout } = await mustRun("pulumi", ["stack", "export", "--stack", stack], {
        cwd: CHECKOUT,
        remedy: `Is the backend reached? See: pulumi stack ls`,
    });
    const parsed = exported.safeParse(parseJson(stdout));
    if (!parsed.success) {
        throw mistake(`pulumi stack export --stack ${stack}: ${z.prettifyError(parsed.error)}`);
    }
    return parsed.data;
}

/** The validated releases in a state, newest first. */
export function releasesIn(stack: string, state: StackState): ReleaseRecord[] {
    return releaseRecords(stack, rootOf(stack, state).outputs?.releases);
}

/** Replaces the validated releases in a stack's state. */
export async function rememberReleases(stack: string, releases: readonly ReleaseRecord[]): Promise<void> {
    const state = await exportState(stack);
    const root = rootOf(stack, state);
    root.outputs = { ...root.outputs, releases: kept(releases) };
    await inTemporaryFolder(tmpdir(), async (folder) => {
        const file = join(folder, "state.json");
        writeFileSync(file, JSON.stringify(state), { mode: OWNER_ONLY });
        await mustRun("pulumi", ["stack", "import", "--stack", stack, "--file", file], {
            cwd: CHECKOUT,
            remedy: "The registry is restored, but the stack does not know. Run the restore again.",
        });
    });
}

function rootOf(stack: string, { deployment }: StackState) {
    const root = deployment.resources.find(({ type }) => type === ROOT);
    if (root === undefined) {
        throw mistake(`Stack ${stack}: its state is empty. Bring it up first: npm start -- --stack ${stack}`);
    }
    return root;
}
