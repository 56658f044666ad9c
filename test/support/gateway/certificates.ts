import { connect, type ConnectionOptions } from "node:tls";

import { selfSigned } from "../../../components/gateway/certificate";

/** A certificate and its key, both in PEM form. */
export interface Pem {
    chain: string;
    key: string;
}

/** A certificate for a host, and its key. */
export async function pem(host: string): Promise<Pem> {
    const text = await selfSigned([host]);
    const at = text.indexOf("-----BEGIN PRIVATE KEY");
    return { chain: text.slice(0, at).trim(), key: text.slice(at) };
}

/** The version of TLS and the protocol of a connection; the error's code when there is none. */
export function handshake(options: ConnectionOptions): Promise<string> {
    return new Promise((resolve) => {
        const socket = connect(options, () => {
            resolve(`${socket.getProtocol()} ${socket.alpnProtocol}`);
            socket.destroy();
        });
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? String(error)));
    });
}
