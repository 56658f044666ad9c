const LOCAL_SOCKET = "the local socket";

/** Where the engine is: `docker:host` of the stack's config, else DOCKER_HOST, else the local socket. */
export function addressOf(host: string | undefined): string {
    return host ?? process.env.DOCKER_HOST ?? LOCAL_SOCKET;
}

/** Whether the engine shares this machine's files and ports. */
export function isLocalEngine(host: string | undefined): boolean {
    const where = addressOf(host);
    return where.startsWith("unix://") || where === LOCAL_SOCKET;
}
