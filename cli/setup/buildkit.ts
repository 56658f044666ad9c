/**
 * What BuildKit tells of a build that goes through the Engine API: protobuf messages in base64.
 * Source: moby/buildkit, api/services/control/control.proto, StatusResponse. (dockerode decodes them too,
 * but hands out the lines of a step's output in base64.)
 */

export const TRACE_ID = "moby.buildkit.trace";

const STATUS = { vertexes: 1, logs: 3 } as const;
const VERTEX = { name: 3, started: 5, completed: 6, error: 7 } as const;
const LOG = { message: 4 } as const;

/** The lines of a status message: steps that begin, steps' output, steps' errors. */
export function linesOfTrace(base64: string): string[] {
    const lines: string[] = [];
    for (const { number, value } of fieldsOf(Buffer.from(base64, "base64"))) {
        if (number === STATUS.vertexes) {
            const vertex = textsOf(value);
            const error = vertex.get(VERTEX.error);
            if (error !== undefined) {
                lines.push(error);
            } else if (vertex.has(VERTEX.started) && !vertex.has(VERTEX.completed)) {
                lines.push(vertex.get(VERTEX.name) ?? "");
            }
        } else if (number === STATUS.logs) {
            lines.push(...(textsOf(value).get(LOG.message) ?? "").split("\n"));
        }
    }
    return lines.filter((line) => line.trim() !== "");
}

function textsOf(message: Buffer): Map<number, string> {
    return new Map([...fieldsOf(message)].map(({ number, value }) => [number, value.toString("utf8")]));
}

interface Field {
    readonly number: number;
    /** Empty for a number: none is read here. */
    readonly value: Buffer;
}

/** The fields of a protobuf message, in order. Source: protobuf.dev, "Encoding". */
function* fieldsOf(message: Buffer): Generator<Field> {
    let at = 0;
    const varint = (): number => {
        let [value, factor] = [0, 1];
        for (;;) {
            const byte = message.readUInt8(at++);
            value += (byte & 0x7f) * factor;
            factor *= 0x80;
            if (byte < 0x80) {
                return value;
            }
        }
    };
    while (at < message.length) {
        const tag = varint();
        const number = Math.floor(tag / 8);
        let length = 0;
        switch (tag % 8) {
            case 0:
                varint();
                break;
            case 1:
                at += 8;
                break;
            case 2:
                length = varint();
                break;
            case 5:
                at += 4;
                break;
            default:
                throw new Error(`BuildKit status: wire type ${tag % 8} is not known`);
        }
        yield { number, value: message.subarray(at, at + length) };
        at += length;
    }
}
