import { stored } from "../../../engine/registry";
import type { LabNode } from "./node";

/** Prints the status of an answer: METHOD PORT HOST PATH. */
const STATUS = `
exec 3<> /dev/tcp/127.0.0.1/$2
printf '%s %s HTTP/1.1\\r\\nHost: %s:%s\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$4" "$3" "$2" >&3
read -r _ status _ <&3
echo "$status"
`;
const ASK_MS = 2_000;

/** The door of a node to a stack's registry. */
export class Door {
    constructor(
        private readonly node: LabNode,
        private readonly port: number,
    ) {}

    /** The status that the node itself gets, by one of the door's names. */
    async status(method: string, name: string, path = "/v2/"): Promise<string> {
        const words = ["bash", "-c", STATUS, "status", method, String(this.port), name, path];
        return (await this.node.run(words)).trim();
    }

    /** The status that another machine gets; undefined when the door says nothing. */
    async statusFrom(other?: LabNode): Promise<string | undefined> {
        const { address } = this.node;
        if (other === undefined) {
            const url = `http://${address}:${this.port}/v2/`;
            return fetch(url, { signal: AbortSignal.timeout(ASK_MS) }).then(
                ({ status }) => String(status),
                () => undefined,
            );
        }
        const text = STATUS.replace("127.0.0.1", address);
        const words = ["bash", "-c", text, "status", "GET", String(this.port), address, "/v2/"];
        const said = await other.run(words).catch(() => "");
        return said.trim() === "" ? undefined : said.trim();
    }

    /** The node's engine pushes an image without a login. */
    async push(image: string): Promise<void> {
        const address = `127.0.0.1:${this.port}`;
        const pushAddress = `127.0.0.2:${this.port}`;
        await stored(this.node.docker, image, "nobody:1", { address, pushAddress }, () => undefined);
    }
}
