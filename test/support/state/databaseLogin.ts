import type { TestStack } from "../stack/stack";

/** The passwords of PostgreSQL's roles, from the server's files. */
export async function databasePasswords(
    stack: TestStack,
): Promise<Record<"mlflow" | "monitor" | "backup", string>> {
    const read = async (file: string) =>
        stack.engine.exec(await postgres(stack), ["cat", `/run/secrets/${file}`]);
    const [mlflow, monitor] = [await read("password"), await read("monitor-password")];
    return { mlflow, monitor, backup: await read("backup-password") };
}

/** The result for each role with a password: "1", or nothing if the server refuses it. */
export function letIn(stack: TestStack, passwords: Readonly<Record<string, string>>): Promise<string[]> {
    return Promise.all(
        Object.entries(passwords).map(async ([user, password]) => {
            const access = ["--host=127.0.0.1", `--username=${user}`, "--no-align", "--tuples-only"];
            const psql = ["env", `PGPASSWORD=${password}`, "psql", ...access, "--command=SELECT 1", "mlflow"];
            return (await stack.engine.exec(await postgres(stack), psql)).trim();
        }),
    );
}

async function postgres(stack: TestStack): Promise<string> {
    return (await stack.engine.running("postgres"))[0]!.Id;
}
