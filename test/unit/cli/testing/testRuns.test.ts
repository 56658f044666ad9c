import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import module_ from "node:module";
import { join } from "node:path";

import { expect } from "chai";
import type Docker from "dockerode";

import { CHECKOUT } from "../../../../cli/local/paths";
import { thisProcess, type Owner } from "../../../../cli/local/owner";
import { isOfRun, removeLeftovers } from "../../../../cli/testing/leftovers";
import { asRun, removeDeadRuns } from "../../../../cli/testing/runs";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** A thing on the fake engine: kind, name, labels. Its removal is refused `busy` times. */
interface Thing {
    kind: string;
    name: string;
    labels?: Record<string, string>;
    busy?: number;
    created?: number;
}

/** An engine that only lists and removes things. */
class FakeEngine {
    constructor(public things: Thing[]) {}

    get docker(): Docker {
        const named = (kind: string) =>
            this.of(kind).map(({ name, labels }) => ({ ID: name, Spec: { Name: name, Labels: labels } }));
        const removal = (name: string) => ({ remove: () => this.remove(name) });
        const lists = {
            listServices: () => Promise.resolve(named("service")),
            listSecrets: () => Promise.resolve(named("secret")),
            listConfigs: () => Promise.resolve(named("config")),
            listContainers: () =>
                Promise.resolve(
                    this.of("container").map(({ name, labels }) => ({
                        Id: name,
                        Names: [`/${name}`],
                        Labels: labels,
                    })),
                ),
            listNetworks: () =>
                Promise.resolve(
                    this.of("network").map(({ name, labels }) => ({ Id: name, Name: name, Labels: labels })),
                ),
            listVolumes: () =>
                Promise.resolve({
                    Volumes: this.of("volume").map(({ name, labels }) => ({ Name: name, Labels: labels })),
                }),
            listImages: () =>
                Promise.resolve(
                    this.of("image").map(({ name, created }) => ({ RepoTags: [name], Created: created })),
                ),
        };
        const kinds = ["Service", "Secret", "Config", "Container", "Network", "Volume", "Image"];
        const removals = Object.fromEntries(kinds.map((kind) => [`get${kind}`, removal]));
        return { ...lists, ...removals } as unknown as Docker;
    }

    get names(): string[] {
        return this.things.map(({ name }) => name);
    }

    private of(kind: string): Thing[] {
        return this.things.filter((it) => it.kind === kind);
    }

    private remove(name: string): Promise<void> {
        const found = this.things.find((it) => it.name === name);
        if (found?.busy !== undefined && found.busy > 0) {
            found.busy--;
            return Promise.reject(Object.assign(new Error("in use"), { statusCode: 409 }));
        }
        this.things = this.things.filter((it) => it.name !== name);
        return Promise.resolve();
    }
}

const PREFIX = "seismic-mlops-e2e-00aabbcc";
const LABELS = { "seismic.stack": "e2e-00aabbcc" };
const LEFT: Thing[] = [
    { kind: "service", name: `${PREFIX}-gateway`, labels: LABELS },
    { kind: "container", name: "happy_turing", labels: { "seismic.stack": "e2e-00aabbcc-staging" } },
    { kind: "container", name: "e2e-00aabbcc-other-mlflow" },
    { kind: "network", name: PREFIX, busy: 2 },
    { kind: "volume", name: `${PREFIX}-data`, labels: LABELS, busy: 1 },
    { kind: "secret", name: `${PREFIX}-password-1f`, labels: LABELS },
    { kind: "config", name: `${PREFIX}-haproxy-0a` },
    { kind: "volume", name: "e2e-00aabbcc-churn-e2e-00aabbcc-mlflow" },
];
const OTHERS: Thing[] = [
    { kind: "service", name: "seismic-mlops-dev-gateway", labels: { "seismic.stack": "dev" } },
    { kind: "volume", name: "seismic-mlops-e2e-00abbbcc-data" },
    { kind: "volume", name: "seismic-mlops-e2e-00aa-data" },
    { kind: "volume", name: "my-e2e-00aabbccdd" },
    { kind: "network", name: "ingress" },
];

describe("end-to-end runs", () => {
    let cache: string;
    const before = process.env.XDG_CACHE_HOME;
    temporaryFolder((folder) => {
        cache = folder;
        process.env.XDG_CACHE_HOME = folder;
    });
    afterEach(() => {
        if (before === undefined) {
            delete process.env.XDG_CACHE_HOME;
        } else {
            process.env.XDG_CACHE_HOME = before;
        }
    });

    const records = (): string => join(cache, "seismic-mlops", "e2e");
    const record = (run: string, owners: Owner[], lived: [from: number, to: number] = [0, 1]): string => {
        const [folder, place] = [join(cache, `state-${run}`), join(records(), run)];
        mkdirSync(folder);
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, "run.json"), JSON.stringify({ folder, began: lived[0] }));
        utimesSync(join(place, "run.json"), lived[1] / 1000, lived[1] / 1000);
        owners.forEach((owner, index) =>
            writeFileSync(join(place, `owner-${index}.json`), JSON.stringify(owner)),
        );
        return folder;
    };
    const dead = { ...thisProcess(), began: "1" };

    it("are told apart by name, also in other projects' names", () => {
        expect(LEFT.every(({ name, labels }) => isOfRun("00aa", [name, ...Object.values(labels ?? {})]))).to
            .be.true;
        expect(OTHERS.filter(({ name }) => isOfRun("00aa", [name, undefined]))).to.deep.equal([]);
    });

    it("that were interrupted are removed, with whatever lets go only after others, and nothing else", async () => {
        const engine = new FakeEngine([...LEFT.map((it) => ({ ...it })), ...OTHERS]);
        const removed = await removeLeftovers(engine.docker, "00aa");
        expect(removed).to.have.length(LEFT.length);
        expect(engine.names).to.deep.equal(OTHERS.map(({ name }) => name));
    }).timeout(10_000);

    it("that are dead lose their folder and the images that they made", async () => {
        const images = [
            { kind: "image", name: "seismic-mlops/trainer:old", created: 50 },
            { kind: "image", name: "seismic-mlops/trainer:theirs", created: 150 },
            { kind: "image", name: "seismic-mlops/trainer:used", created: 151, busy: 99 },
            { kind: "image", name: "seismic-mlops/trainer:new", created: 250 },
        ];
        const engine = new FakeEngine([...images]);
        const folder = record("00aa", [dead], [100_000, 200_000]);
        await removeDeadRuns(engine.docker);
        expect(existsSync(folder)).to.equal(false);
        expect(readdirSync(records())).to.deep.equal([]);
        expect(engine.names).to.deep.equal([
            "seismic-mlops/trainer:old",
            "seismic-mlops/trainer:used",
            "seismic-mlops/trainer:new",
        ]);
    });

    it("take along the compiled code of the programs that ran in their folder", async () => {
        const compiled = join(CHECKOUT, "node_modules", ".cache", "seismic-mlops", "compiled");
        const kept = (): string[] => (existsSync(compiled) ? readdirSync(compiled) : []);
        const earlier = kept();
        await asRun(new FakeEngine([]).docker, ({ folder }) => {
            const loader = join(CHECKOUT, "runtime", "loader.cjs");
            execFileSync(process.execPath, ["--require", loader, "--eval", "require('zod')"], {
                cwd: folder,
                env: { ...process.env, NODE_PATH: join(CHECKOUT, "node_modules") },
            });
            // From 22.1 on, Node keeps compiled code itself, and not by the folder of the program.
            if (!("enableCompileCache" in module_)) {
                expect(kept()).to.have.length.greaterThan(earlier.length);
            }
            return Promise.resolve();
        });
        expect(kept().filter((it) => !earlier.includes(it) && it.includes("e2e"))).to.deep.equal([]);
    }).timeout(10_000);

    it("that live in one of their processes are left alone", async () => {
        const engine = new FakeEngine(LEFT.map((it) => ({ ...it })));
        const folder = record("00aa", [dead, thisProcess()]);
        await removeDeadRuns(engine.docker);
        expect(existsSync(folder)).to.equal(true);
        expect(engine.names).to.have.length(LEFT.length);
    });

    it("leave no record when they leave nothing, and one for the next when they do", async () => {
        const engine = new FakeEngine([]);
        const folder = await asRun(engine.docker, (run) => Promise.resolve(run.folder));
        expect(existsSync(folder)).to.equal(false);
        expect(readdirSync(records())).to.deep.equal([]);

        const fails = asRun(engine.docker, (run) => {
            engine.things.push({ kind: "network", name: `seismic-mlops-e2e-${run.name}0001` });
            return Promise.reject(new Error(run.name));
        });
        const run = await fails.catch((error: Error) => error.message);
        expect(readdirSync(records())).to.deep.equal([run]);
        // This makes the process look as if it had ended.
        writeFileSync(join(records(), run, `owner-${process.pid}.json`), JSON.stringify(dead));
        await removeDeadRuns(engine.docker);
        expect(engine.names).to.deep.equal([]);
        expect(readdirSync(records())).to.deep.equal([]);
    });
});
