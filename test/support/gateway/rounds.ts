import type { TestStack } from "../stack/stack";

/** Does something for each of many things, a few at a time. */
export async function inGroups<T>(
    all: readonly T[],
    size: number,
    work: (one: T) => Promise<void>,
): Promise<void> {
    const left = [...all];
    const worker = async (): Promise<void> => {
        for (let one = left.shift(); one !== undefined; one = left.shift()) {
            await work(one);
        }
    };
    await Promise.all(Array.from({ length: size }, worker));
}

/** The routes of the running MLflow. */
export async function mlflowRoutes(stack: TestStack): Promise<string[]> {
    const [mlflow] = await stack.engine.running("mlflow");
    const program = `
import re
from mlflow.server import app
for rule in app.url_map.iter_rules():
    for method in rule.methods - {"HEAD", "OPTIONS"}:
        print(method, re.sub("<[^>]+>", "x", rule.rule))
`;
    const printed = await stack.engine.exec(mlflow!.Id, ["python", "-c", program]);
    return [...new Set(printed.trim().split("\n"))];
}
