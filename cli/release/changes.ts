/** The history of the serving releases, as each deployment wrote it to the registered model in MLflow. */
import { z } from "zod";
import { RELEASE_TAG } from "../../contract/names";
import type { RegisteredModel } from "../../components/registry/mlflow";

const served = z.object({ version: z.string(), commit: z.string() });
const change = z.object({ by: z.string(), why: z.string(), from: served.optional(), to: served });

export type ServingChange = z.infer<typeof change> & { readonly at: string };

/** The changes, newest first. */
export async function changesOf(model: RegisteredModel): Promise<ServingChange[]> {
    const tags = await model.tags();
    return [...tags]
        .filter(([key]) => key.startsWith(RELEASE_TAG))
        .map(([key, text]) => ({ at: key.slice(RELEASE_TAG.length), ...change.parse(JSON.parse(text)) }))
        .sort((a, b) => b.at.localeCompare(a.at));
}
