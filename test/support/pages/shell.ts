import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";

/** A shell in which a page's commands are typed one block after the other, as by a reader. */
export class Shell {
    private readonly bash: ChildProcessWithoutNullStreams;
    private output = "";
    private onOutput = (): void => undefined;
    private readonly ended: Promise<never>;

    constructor(folder: string, variables: NodeJS.ProcessEnv) {
        const env = { ...process.env, ...variables };
        this.bash = spawn("bash", ["-e", "-o", "pipefail"], { cwd: folder, env });
        this.bash.stdout.setEncoding("utf8").on("data", (text: string) => {
            this.output += text;
            this.onOutput();
        });
        this.ended = new Promise((_, reject) => {
            this.bash.once("error", reject);
            this.bash.once("close", (code) => reject(new Error(`exit code ${code}\n${this.output}`)));
        });
        // When the shell ends, nobody may be waiting.
        this.ended.catch(() => undefined);
        this.bash.stdin.on("error", () => undefined);
        this.bash.stdin.write("exec 2>&1\n");
    }

    /**
     * Runs commands to their end. Variables stay for the next ones.
     *
     * @returns the output, both streams
     * @throws with the whole output when one of them fails
     */
    async run(commands: string): Promise<string> {
        const mark = `-- ${randomBytes(8).toString("hex")} --`;
        this.output = "";
        const done = new Promise<string>((resolve) => {
            this.onOutput = () => {
                const end = this.output.indexOf(mark);
                if (end !== -1) {
                    resolve(this.output.slice(0, end));
                }
            };
        });
        // Bash reads a whole group before it runs it. So no command takes the following lines as its input.
        this.bash.stdin.write(`{\n${commands}\n} < /dev/null\necho '${mark}'\n`);
        return Promise.race([done, this.ended]);
    }

    close(): void {
        this.bash.stdin.end();
    }
}
