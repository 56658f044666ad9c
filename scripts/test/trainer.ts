/** The trainer's own tests, inside its image. */
import { join } from "node:path";
import { Writable } from "node:stream";
import type Docker from "dockerode";
import { buildImage } from "../setup/imageBuild";
import { CHECKOUT, PROJECT } from "../setup/paths";
import { SetupError, step } from "../setup/steps";
import { CRASHED, pytestTally, settled, sum, type Tally } from "./tally";

const IMAGE = `${PROJECT}/trainer-test:local`;
const PYTEST = ["python", "-m", "pytest", "-q", "--numprocesses", "auto"];
const RUFF = ["python", "-m", "ruff", "check", "."];

export async function trainer(docker: Docker): Promise<Tally> {
    const context = join(CHECKOUT, "trainer");
    await step(`Image ${IMAGE}, build`, (report) =>
        buildImage(docker, { tag: IMAGE, context, target: "test" }, report),
    );
    const ruff = await runContainer(docker, RUFF);
    const pytest = await runContainer(docker, PYTEST);
    return sum([
        ruff.code === 0 ? { passed: 1, failed: 0 } : CRASHED,
        settled(pytestTally(pytest.output), pytest.code),
    ]);
}

/** Runs a command in a container that is gone afterwards, also when this process is interrupted. */
async function runContainer(docker: Docker, command: string[]): Promise<{ code: number; output: string }> {
    console.log(`  ${command.join(" ")}`);
    const container = await docker.createContainer({
        Image: IMAGE,
        Cmd: command,
        Entrypoint: [],
        Tty: false,
        Labels: { [`${PROJECT}.test`]: "trainer" },
    });
    const remove = (): Promise<unknown> => container.remove({ force: true, v: true });
    const interrupted = (): void => {
        void remove().finally(() => process.exit(130));
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    try {
        const chunks: Buffer[] = [];
        const collect = new Writable({
            write(chunk: Buffer, _encoding, done) {
                chunks.push(chunk);
                process.stdout.write(chunk);
                done();
            },
        });
        const stream = await container.attach({ stream: true, stdout: true, stderr: true });
        docker.modem.demuxStream(stream, collect, collect);
        const ended = new Promise<void>((resolve) => stream.once("end", resolve).once("close", resolve));
        await container.start();
        const { StatusCode } = (await container.wait()) as { StatusCode: number };
        await ended;
        return { code: StatusCode, output: Buffer.concat(chunks).toString("utf8") };
    } catch (error) {
        throw new SetupError(`${command.join(" ")}: ${String(error)}`);
    } finally {
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
        await remove();
    }
}
