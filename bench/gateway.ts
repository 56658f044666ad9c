/**
 * Compares predictions through the gateway: with and without TLS, with and without the access log. All gateways run side
 * by side before one serving task, and are measured in turn:
 *
 *   npm run bench:gateway -- --image IMAGE [--seconds 2] [--rounds 9] [--connections 8,32] [--only no-log,log] [--short]
 *
 * IMAGE is a trainer's image, such as release.image of a stack's outputs. The gateways and serving have core 0, the load
 * has core 1. The network is an overlay, as a stack's. --short is for the tests: its figures say nothing.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import type Docker from "dockerode";

import { existingEnvironment } from "../cli/setup/prepare";
import { buildImage } from "../cli/setup/imageBuild";
import { LOG_FORMAT } from "../components/gateway/accessLog";
import { selfSigned } from "../components/gateway/certificate";
import { imageTag } from "../components/image/sourceImage";
import { SERVING_ROLE, servingEndpoint } from "../components/serving/modelServing";
import { OWNER } from "../config/access/roles";
import { connect } from "../engine/client";
import { execText } from "../engine/streams/execStream";
import { type Measured, report } from "./gatewayTable";
import { startGateway, type Standalone, type Wanted } from "../test/support/gateway/standalone";

const GATEWAY = { context: "images/gateway", repository: "seismic-mlops/gateway" };
const SHORT = { seconds: "0.3", rounds: "1", connections: "8", warmUp: "0.1" };
const LONG = { seconds: "2", rounds: "9", connections: "8,32", warmUp: "0.3" };
const STORE = "/data";
/** The model that the gateways are measured with, of bench/serving.py. */
const MODEL = "logistic";
/** The certificate that the load trusts. */
const CA = "/run/ca.pem";
const PASSWORD = "a-password-of-24-letters";
const NANOSECONDS = 1000;

/** A gateway to measure, by the name in the table. */
type Kind = Partial<Wanted> & { against?: string };
const noLog = (settings: string): string => settings.replaceAll(LOG_FORMAT, "no log");
const kinds = (certificate: string): Record<string, Kind> => ({
    "no-log": { changed: noLog },
    log: { against: "no-log" },
    sampled: { against: "no-log", logSample: 0.01 },
    "tls-log": { against: "log", certificate },
    "no-front": { against: "log", alone: true },
});

/** The containers of one run, and their network and volume. */
class Bench {
    private readonly name = `seismic-bench-${process.pid}`;
    private readonly folder = mkdtempSync(join(tmpdir(), "seismic-bench-"));
    private readonly containers: Docker.Container[] = [];
    private readonly gateways = new Map<string, Standalone>();
    private serving!: Docker.Container;
    private load!: Docker.Container;

    constructor(
        private readonly engine: Docker,
        private readonly image: string,
        private readonly warmUp: string,
    ) {}

    /** Starts serving with a model, and the container of the load, which trusts a certificate. */
    async prepare(certificate: string): Promise<void> {
        writeFileSync(join(this.folder, "ca.pem"), certificate.split(/(?<=-----END CERTIFICATE-----)/)[0]!);
        // The containers' users enter it.
        chmodSync(this.folder, 0o755);
        await this.engine.createNetwork({ Name: this.name, Driver: "overlay", Attachable: true });
        this.load = await this.start("load", ["sleep", "infinity"], [], "1");
        await this.inLoad("python", "bench/serving.py", "prepare", STORE, MODEL);
        await this.inLoad("python", "bench/gateway_load.py", "prepare", STORE, MODEL, OWNER, PASSWORD);
        const settings = await this.inLoad("cat", `${STORE}/${MODEL}.env`);
        const command = ["python", "-m", "seismic.serving"];
        this.serving = await this.start(SERVING_ROLE, command, settings.trim().split("\n"), "0");
    }

    /** Starts all gateways, which answer after a moment. */
    async open(all: Record<string, Kind>): Promise<void> {
        const image = imageTag(GATEWAY);
        await buildImage(this.engine, { tag: image, context: GATEWAY.context }, () => undefined);
        const endpoint = servingEndpoint({ port: 8000, replicas: 1, limits: {}, reservations: {} }, []);
        for (const [kind, wanted] of Object.entries(all)) {
            this.gateways.set(
                kind,
                await startGateway(this.engine, this.folder, {
                    ...{
                        name: `${this.name}-${kind}`,
                        image,
                        network: this.name,
                        endpoint,
                        password: PASSWORD,
                    },
                    host: { CpusetCpus: "0" },
                    ...wanted,
                }),
            );
        }
    }

    /** Waits until each gateway has found serving. */
    async ready(): Promise<void> {
        for (const [kind, { address }] of this.gateways) {
            await this.inLoad("python", "bench/gateway_load.py", "wait", address, certificateOf(kind));
        }
    }

    async measure(kind: string, connections: string, seconds: string): Promise<Measured> {
        const { address, access, front } = this.gateways.get(kind)!;
        const parts = { front, access, serving: this.serving };
        const before = await cpuOf(parts);
        const printed = await this.inLoad(
            ...["python", "bench/gateway_load.py", "measure", STORE, address],
            ...[certificateOf(kind), connections, seconds],
        );
        const after = await cpuOf(parts);
        const told = JSON.parse(printed) as Measured & { sent: number };
        const micros = Object.entries(after).map(([part, time]) => [
            part,
            (time - before[part]!) / NANOSECONDS / told.sent,
        ]);
        return { ...told, micros: Object.fromEntries(micros) as Record<string, number> };
    }

    /** The host of a gateway's front in the network. */
    front(kind: string): string {
        return `${this.name}-${kind}-front`;
    }

    async remove(): Promise<void> {
        await Promise.all([...this.gateways.values()].map((gateway) => gateway.remove()));
        await Promise.all(this.containers.map((container) => container.remove({ force: true, v: true })));
        await this.engine.getNetwork(this.name).remove();
        await this.engine.getVolume(this.name).remove();
        rmSync(this.folder, { recursive: true });
    }

    private async inLoad(...command: string[]): Promise<string> {
        const { exitCode, stdout, stderr } = await execText(this.engine, this.load.id, command);
        if (exitCode !== 0) {
            throw new Error(`${command.join(" ")}: exit code ${exitCode}\n${stderr}`);
        }
        return stdout;
    }

    private async start(role: string, command: string[], env: string[], core: string) {
        const container = await this.engine.createContainer({
            name: `${this.name}-${role}`,
            Image: this.image,
            Cmd: command,
            WorkingDir: "/app",
            Env: [
                ...env,
                ...["PYTHONPATH=/app", `PYTHONPYCACHEPREFIX=${STORE}/pyc`, "GIT_PYTHON_REFRESH=quiet"],
                ...["OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", `BENCH_WARM_UP=${this.warmUp}`],
            ],
            NetworkingConfig: { EndpointsConfig: { [this.name]: { Aliases: [role] } } },
            HostConfig: {
                Binds: [
                    `${this.name}:${STORE}`,
                    `${__dirname}:/app/bench:ro`,
                    `${join(this.folder, "ca.pem")}:${CA}:ro`,
                ],
                NetworkMode: this.name,
                CpusetCpus: core,
                Init: true,
            },
        });
        this.containers.push(container);
        await container.start();
        return container;
    }
}

/** The certificate to trust, as the load's command takes it; empty for plain HTTP. */
function certificateOf(kind: string): string {
    return kind.startsWith("tls") ? CA : "";
}

/** Processor time of containers so far, in nanoseconds. */
async function cpuOf(parts: Record<string, Docker.Container | undefined>): Promise<Record<string, number>> {
    const read = Object.entries(parts).map(async ([part, container]) => {
        const stats = await container?.stats({ stream: false, "one-shot": true });
        return [part, stats?.cpu_stats.cpu_usage.total_usage ?? 0] as const;
    });
    return Object.fromEntries(await Promise.all(read));
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            image: { type: "string" },
            seconds: { type: "string" },
            rounds: { type: "string" },
            connections: { type: "string" },
            only: { type: "string" },
            short: { type: "boolean", default: false },
        },
    });
    if (values.image === undefined) {
        throw new Error(
            "--image: missing; give a trainer's image, such as release.image of a stack's outputs",
        );
    }
    const usual = { ...(values.short ? SHORT : LONG), ...values };
    Object.assign(process.env, (await existingEnvironment())?.env);
    const bench = new Bench(await connect(undefined), values.image, usual.warmUp);
    try {
        const certificate = await selfSigned([bench.front("tls-log")]);
        const all = kinds(certificate);
        const chosen = usual.only?.split(",") ?? Object.keys(all);
        const kept = Object.fromEntries(Object.entries(all).filter(([kind]) => chosen.includes(kind)));
        await bench.prepare(certificate);
        await bench.open(kept);
        await bench.ready();
        for (const connections of usual.connections.split(",")) {
            const rounds: Record<string, Measured>[] = [];
            for (let round = 0; round < Number(usual.rounds); round += 1) {
                const results: Record<string, Measured> = {};
                // Each kind is early as often as late, so a machine that gets slower favours none.
                const order = round % 2 === 0 ? Object.keys(kept) : Object.keys(kept).reverse();
                for (const kind of order) {
                    results[kind] = await bench.measure(kind, connections, usual.seconds);
                }
                rounds.push(results);
            }
            report(connections, kept, rounds);
        }
    } finally {
        await bench.remove();
    }
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
