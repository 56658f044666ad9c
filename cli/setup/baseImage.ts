/** The image under every image of the project (images/base). */
import { createHash } from "node:crypto";
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type Docker from "dockerode";
import { Mistake, mistake } from "../../common/mistake";
import { BASE_IMAGE } from "../../engine/baseImage";
import { buildImage, followed } from "./imageBuild";
import { installPackages, mayInstallPackages } from "./packages";
import { CHECKOUT, PROJECT } from "../local/paths";
import { allOnPath, mustRun } from "../local/processes";
import { messageOf, say, step, type Report } from "../terminal/steps";

export { BASE_IMAGE };
/**
 * Debian 13 as a container registry has it, and the name of setup's own copy for an engine that reaches no registry.
 */
const OFFICIAL_ROOT = "debian:trixie-slim";
const OWN_ROOT = { repo: `${PROJECT}/root`, tag: "trixie" };
export const HASH_LABEL = `${PROJECT}.base`;
/** A registry that has not answered for this time counts as out of reach. */
const PULL_STALL_MS = 15_000;

export async function readyBaseImage(docker: Docker): Promise<boolean> {
    const labels = await labelsOf(docker, BASE_IMAGE);
    return labels?.[HASH_LABEL] === contentHash();
}

export async function ensureBaseImage(docker: Docker): Promise<void> {
    if (await readyBaseImage(docker)) {
        return;
    }
    await makeBase(docker, await ensureRoot(docker));
}

/** Makes the base image again, from today's Debian root file system and packages. */
export async function renewBaseImage(docker: Docker): Promise<void> {
    await makeBase(docker, await renewedRoot(docker), true);
}

async function makeBase(docker: Docker, root: string, anew = false): Promise<void> {
    const context = mkdtempSync(join(tmpdir(), `${PROJECT}-base-`));
    try {
        copyFileSync(dockerfile(), join(context, "Dockerfile"));
        writeFileSync(join(context, "ca-certificates.crt"), authorities());
        const labels = { [HASH_LABEL]: contentHash() };
        await step(`Base image ${BASE_IMAGE}, build`, (report) =>
            buildImage(docker, { tag: BASE_IMAGE, context, buildArgs: { ROOT: root }, labels, anew }, report),
        );
    } finally {
        rmSync(context, { recursive: true, force: true });
    }
}

/** The certificates in `texts`, each once, in their first order. */
export function mergeCertificates(texts: readonly string[]): string {
    const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
    const unique = new Set(texts.flatMap((text) => text.replaceAll("\r", "").match(PEM) ?? []));
    return [...unique].map((certificate) => `${certificate}\n`).join("");
}

export function contentHash(): string {
    return createHash("sha256").update(readFileSync(dockerfile())).update(authorities()).digest("hex");
}

function dockerfile(): string {
    return join(CHECKOUT, "images", "base", "Dockerfile");
}

/** The authorities that this machine trusts: its bundle, and those of NODE_EXTRA_CA_CERTS. */
function authorities(): string {
    const bundle = [
        process.env.SSL_CERT_FILE,
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
    ].find((file) => file !== undefined && file !== "" && existsSync(file));
    const extra = process.env.NODE_EXTRA_CA_CERTS;
    return mergeCertificates([
        bundle === undefined ? rootCertificates.join("\n") : readFileSync(bundle, "utf8"),
        extra !== undefined && existsSync(extra) ? readFileSync(extra, "utf8") : "",
    ]);
}

/** @returns the name of an image with Debian 13's root file system */
async function ensureRoot(docker: Docker): Promise<string> {
    const own = `${OWN_ROOT.repo}:${OWN_ROOT.tag}`;
    for (const image of [OFFICIAL_ROOT, own]) {
        if ((await labelsOf(docker, image)) !== undefined) {
            return image;
        }
    }
    return renewedRoot(docker);
}

async function renewedRoot(docker: Docker): Promise<string> {
    const own = `${OWN_ROOT.repo}:${OWN_ROOT.tag}`;
    const reached = await step(`Base image, try to pull ${OFFICIAL_ROOT}`, (report) => pull(docker, report));
    if (reached) {
        return OFFICIAL_ROOT;
    }
    say("  no container registry is reached from here; Debian packages make it instead");
    await makeRoot(docker);
    return own;
}

async function pull(docker: Docker, report: Report): Promise<boolean> {
    const [fromImage, tag] = OFFICIAL_ROOT.split(":");
    const abort = new AbortController();
    let timer = setTimeout(() => abort.abort(), PULL_STALL_MS);
    try {
        const stream = await docker.createImage({ fromImage, tag, abortSignal: abort.signal });
        await followed(docker, stream, OFFICIAL_ROOT, (line) => {
            clearTimeout(timer);
            timer = setTimeout(() => abort.abort(), PULL_STALL_MS);
            report(line);
        });
        return (await labelsOf(docker, OFFICIAL_ROOT)) !== undefined;
    } catch {
        // After any failure, there is another way.
        return false;
    } finally {
        clearTimeout(timer);
    }
}

async function makeRoot(docker: Docker): Promise<void> {
    const remedy = `Or give the engine an image ${OFFICIAL_ROOT} (docker pull, docker load), then run this again.`;
    if (allOnPath("mmdebstrap").length === 0) {
        if (!mayInstallPackages()) {
            throw mistake(
                `Base image: ${OFFICIAL_ROOT} cannot be pulled, and making it needs mmdebstrap.\n` +
                    `Install mmdebstrap. ${remedy}`,
            );
        }
        await step("mmdebstrap, apt-get install", (report) =>
            installPackages(["mmdebstrap", "debian-archive-keyring"], report),
        );
    }
    const folder = mkdtempSync(join(tmpdir(), `${PROJECT}-root-`));
    try {
        const archive = join(folder, "root.tar");
        mkdirSync(folder, { recursive: true });
        await step("Debian 13 root file system, mmdebstrap", (report) =>
            mustRun("mmdebstrap", ["--variant=minbase", "trixie", archive], { report, remedy }),
        );
        await step("Debian 13 root file system, import into the engine", async (report) =>
            followed(docker, await docker.importImage(archive, OWN_ROOT), "docker import", report),
        );
    } catch (error) {
        if (error instanceof Mistake) {
            throw error;
        }
        throw mistake(`Base image: ${messageOf(error)}\n${remedy}`);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** An image's labels; undefined when there is no such image. */
async function labelsOf(docker: Docker, image: string): Promise<Record<string, string> | undefined> {
    try {
        return (await docker.getImage(image).inspect()).Config.Labels ?? {};
    } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 404) {
            return undefined;
        }
        throw error;
    }
}
