import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type Docker from "dockerode";

import { buildImage } from "../../../cli/setup/imageBuild";

/** An image with an `ollama` that is a server with Ollama's API, but without a real model. */
export const OLLAMA_IMAGE = "seismic-mlops/e2e-ollama:local";

const DOCKERFILE = `FROM seismic-mlops/base:trixie
COPY ollama_server.py ollama /usr/local/bin/
# As process 1, Python does not hear of SIGTERM.
STOPSIGNAL SIGKILL
`;
const COMMAND = `#!/bin/sh
case $1 in
serve) exec python3 /usr/local/bin/ollama_server.py 11434 ;;
list) exec curl -fsS http://127.0.0.1:11434/api/tags ;;
esac
`;

/** Builds it on the base image that setup has made. */
export async function buildOllama(docker: Docker): Promise<void> {
    const context = mkdtempSync(join(tmpdir(), "seismic-ollama-"));
    try {
        cpSync("kit/tests/ollama_server.py", join(context, "ollama_server.py"));
        writeFileSync(join(context, "Dockerfile"), DOCKERFILE);
        writeFileSync(join(context, "ollama"), COMMAND);
        chmodSync(join(context, "ollama"), 0o755);
        await buildImage(docker, { tag: OLLAMA_IMAGE, context }, () => undefined);
    } finally {
        rmSync(context, { recursive: true });
    }
}
