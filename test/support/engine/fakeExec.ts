import { Duplex } from "node:stream";

/** The output of a command in a container, and its end. */
export interface Said {
    stdout?: string;
    stderr?: string;
    exitCode?: number;
}

/** An exec of the engine. Its command answers its standard input. */
export function fakeExec(answer: (input: string) => Said) {
    let said: Said = {};
    return {
        start: () => {
            let input = "";
            const stream: Duplex = new Duplex({
                read: () => undefined,
                write: (chunk: Buffer, _encoding, done) => {
                    input += chunk.toString();
                    done();
                },
                final: (done) => {
                    said = answer(input);
                    stream.push(Buffer.concat([frame(1, said.stdout ?? ""), frame(2, said.stderr ?? "")]));
                    stream.push(null);
                    done();
                },
            });
            return Promise.resolve(stream);
        },
        inspect: () => Promise.resolve({ ExitCode: said.exitCode ?? 0 }),
    };
}

/** A frame of the engine's multiplexed stream. */
export function frame(stream: number, content: string | Buffer): Buffer {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(bytes.length, 4);
    return Buffer.concat([header, bytes]);
}
