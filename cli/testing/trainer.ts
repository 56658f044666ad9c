/** Runs the tests in Python inside the images of what they test: the trainers, and the services of the platform. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { Writable } from "node:stream";
import type Docker from "dockerode";
import { mistake } from "../../common/mistake";
import { buildContext } from "../../releases/buildContext";
import { KIT, takesKit } from "../../releases/kit";
import { buildImage } from "../setup/imageBuild";
import { CHECKOUT, filesBelow, OWN_TRAINERS, PROJECT } from "../local/paths";
import { step } from "../terminal/steps";
import { CRASHED, pytestTally, settled, sum, type Tally } from "./tally";

/** Use no cache, because the image's user may not write beside the tests. */
const PYTEST = ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider"];
const RUFF = ["python", "-m", "ruff", "check", "--no-cache", "."];
const IMPORTS = ["lint-imports", "importlinter.toml", "--no-cache", "--no-logo"];

export interface Tested {
    /** The folder that has the Dockerfile. Its stage `test` has the tests. */
    readonly folder: string;
    /** The folder in the image with the tests; without it, the one in which the image's commands run. */
    readonly within?: string;
    readonly sideBySide?: boolean;
    readonly linters?: readonly string[][];
}

/** A unit test compares it with the folders of examples. */
export const TESTED: readonly Tested[] = [
    { folder: "trainer", sideBySide: true, linters: [RUFF, IMPORTS] },
    // The kit has no packages of its own: it runs with those of the trainer that takes it.
    { folder: "trainer", within: "/kit", sideBySide: true, linters: [RUFF, IMPORTS] },
    { folder: "examples/tabular" },
    { folder: "examples/forecast" },
    { folder: "test/trainers/stub" },
    { folder: "images/backup" },
    { folder: "images/acme" },
];

/** The trainers of a checkout that this project does not have, if their Dockerfile has the stage of the tests. */
export function ownTrainers(checkout = CHECKOUT): Tested[] {
    const folder = join(checkout, OWN_TRAINERS);
    return filesBelow(folder)
        .filter(
            (file) =>
                basename(file) === "Dockerfile" && /^FROM .* AS test$/im.test(readFileSync(file, "utf8")),
        )
        .map((file) => ({ folder: relative(checkout, dirname(file)) }));
}

/** Tests wait for processes a fifth of their time, so there is one worker more than processors. */
function workers(processors: number): string[] {
    // A worker without work takes tests of another one, because some tests train for ten seconds.
    return ["--numprocesses", String(processors + 1), "--dist", "worksteal"];
}

export async function trainer(docker: Docker): Promise<Tally> {
    const tallies: Tally[] = [];
    const { NCPU } = (await docker.info()) as { NCPU: number };
    for (const { folder, within, sideBySide = false, linters = [] } of [...TESTED, ...ownTrainers()]) {
        const tag = `${PROJECT}/${folder}-test:local`;
        await step(`Image ${tag}, build`, (report) =>
            buildImage(docker, { tag, context: contextOf(folder), target: "test" }, report),
        );
        const image = { tag, within };
        for (const linter of linters) {
            const { code } = await runContainer(docker, image, linter);
            tallies.push(code === 0 ? { passed: 1, failed: 0 } : CRASHED);
        }
        const pytest = sideBySide ? [...PYTEST, ...workers(NCPU)] : PYTEST;
        const { code, output } = await runContainer(docker, image, pytest);
        tallies.push(settled(pytestTally(output), code));
    }
    return sum(tallies);
}

function contextOf(folder: string): string {
    const context = join(CHECKOUT, folder);
    return takesKit(context) ? buildContext(context, join(CHECKOUT, KIT)) : context;
}

/** Runs a command in a container, and then removes the container, also when this process is interrupted. */
async function runContainer(
    docker: Docker,
    image: { readonly tag: string; readonly within: string | undefined },
    command: string[],
): Promise<{ code: number; output: string }> {
    console.log(`  ${image.within === undefined ? "" : `${image.within}: `}${command.join(" ")}`);
    const container = await docker.createContainer({
        Image: image.tag,
        WorkingDir: image.within,
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
        await giveContract(container);
        const stream = await container.attach({ stream: true, stdout: true, stderr: true });
        docker.modem.demuxStream(stream, collect, collect);
        const ended = new Promise<void>((resolve) => stream.once("end", resolve).once("close", resolve));
        await container.start();
        const { StatusCode } = (await container.wait()) as { StatusCode: number };
        await ended;
        return { code: StatusCode, output: Buffer.concat(chunks).toString("utf8") };
    } catch (error) {
        throw mistake(`${command.join(" ")}: ${String(error)}`);
    } finally {
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
        await remove();
    }
}

/**
 * Puts the contract into a container's root folder, where a trainer's tests look for it. No image has it, because an
 * image is built from its trainer's folder alone. A copy, unlike a mount, can be read by the container's user whatever
 * the umask of the checkout, and needs no engine on this machine.
 */
async function giveContract(container: Docker.Container): Promise<void> {
    const tar = spawn("tar", ["--create", "--mode=a+rX", "--exclude=__pycache__", "contract"], {
        cwd: CHECKOUT,
        stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(tar, "close") as Promise<[number | null]>;
    await container.putArchive(tar.stdout, { path: "/" });
    const [code] = await ended;
    if (code !== 0) {
        throw mistake(`tar: exit code ${code}`);
    }
}
