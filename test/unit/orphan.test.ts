import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

import { expect } from "chai";

const LOADER = resolve(__dirname, "..", "..", "loader.cjs");
/** As Pulumi's own handlers do: what cannot be told is told, again and again. */
const TELLS = `
    process.on("uncaughtException", (error) => console.error(error));
    setInterval(() => console.error("still here"), 10);
`;

describe("a program that nobody listens to any more", function () {
    this.timeout(20_000);

    it("ends", async () => {
        const program = spawn(process.execPath, ["--require", LOADER, "-e", TELLS]);
        try {
            await once(program.stderr, "data");
            program.stderr.destroy();
            program.stdout.destroy();
            const [code] = (await once(program, "exit", { signal: AbortSignal.timeout(10_000) })) as [number];
            expect(code).to.equal(1);
        } finally {
            program.kill("SIGKILL");
        }
    });
});
