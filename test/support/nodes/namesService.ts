import type Docker from "dockerode";

import { BASE_IMAGE } from "../../../cli/setup/baseImage";
import { execText } from "../../../engine/streams/execStream";
import { eventually } from "../expectations";
import type { NodesLab } from "./lab";

const NAME = "names";
const PORT = 8080;
const ASK_MS = 2_000;
/** Answers with the name of its node, and ends at once when it is told to. */
const SERVER = `
import http.server, os, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
class Name(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["NODE"].encode())
http.server.ThreadingHTTPServer(("", ${PORT}), Name).serve_forever()
`;
/** Prints the names that the tasks answer. A task that is not reached has none. */
const ASK = `
import socket, urllib.request
for it in {it[4][0] for it in socket.getaddrinfo("tasks.${NAME}", ${PORT}, socket.AF_INET)}:
    try:
        print(urllib.request.urlopen(f"http://{it}:${PORT}", timeout=${ASK_MS / 1000}).read().decode())
    except OSError:
        pass
`;

/** A service on a network across a lab. Each task answers with the name of its node. */
export class NamesService {
    private constructor(private readonly lab: NodesLab) {}

    static async start(lab: NodesLab, tasks: number): Promise<NamesService> {
        const docker = await lab.swarm.manager();
        await docker.createNetwork({ Name: NAME, Driver: "overlay" });
        await docker.createService(specOf(tasks));
        const service = new NamesService(lab);
        await service.runs(tasks);
        return service;
    }

    /** The sorted names of the nodes where tasks run. */
    async nodes(): Promise<string[]> {
        return this.lab.swarm.running(NAME);
    }

    /** Sets the number of tasks. Each node has one at most, because of its port. */
    async scale(tasks: number): Promise<void> {
        const docker = await this.lab.swarm.manager();
        const service = docker.getService(NAME);
        const { Version } = (await service.inspect()) as { Version: { Index: number } };
        await service.update({ ...specOf(tasks), version: Version.Index });
        await this.runs(tasks);
    }

    /** Waits until so many tasks run, none of them on a node with one of the names. */
    async runs(tasks: number, ...elsewhere: string[]): Promise<void> {
        await this.lab.swarm.runs(NAME, tasks, ...elsewhere);
    }

    /** The answer at a node's port, as a caller on this machine gets it. */
    async ask(k: number): Promise<string> {
        const url = `http://${this.lab.node(k).address}:${PORT}`;
        return (await fetch(url, { signal: AbortSignal.timeout(ASK_MS) })).text();
    }

    /** Waits until a task on this node gets an answer from each of the names, of which a node hears in a moment. */
    async reaches(k: number, names: readonly string[]): Promise<void> {
        await eventually(`node ${k} to reach ${names.join()}`, async () => {
            const found = await this.namesFrom(k);
            return found.join() === names.join();
        });
    }

    /** The sorted names that answer a task on this node. */
    async namesFrom(k: number): Promise<string[]> {
        return (await this.inside(k, ASK)).split("\n").sort();
    }

    private async inside(k: number, text: string): Promise<string> {
        const { docker } = this.lab.node(k);
        const label = [`com.docker.swarm.service.name=${NAME}`];
        const [task] = await docker.listContainers({ filters: { label } });
        if (task === undefined) {
            throw new Error(`no task runs on node ${k}`);
        }
        return (await execText(docker, task.Id, ["python3", "-c", text])).stdout.trim();
    }
}

/** Has neither a virtual address nor the ingress network, which need IP_VS in the kernel. */
function specOf(tasks: number): Docker.ServiceSpec {
    return {
        Name: NAME,
        Mode: { Replicated: { Replicas: tasks } },
        TaskTemplate: {
            ContainerSpec: {
                Image: BASE_IMAGE,
                Command: ["python3", "-c", SERVER],
                Env: ["NODE={{.Node.Hostname}}"],
            },
            Networks: [{ Target: NAME }],
        },
        EndpointSpec: {
            Mode: "dnsrr",
            Ports: [{ Protocol: "tcp", TargetPort: PORT, PublishedPort: PORT, PublishMode: "host" }],
        },
    };
}
