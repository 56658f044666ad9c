#!/usr/bin/env node
/**
 * Stands in for Pulumi's command: stacks are files of $FAKE_PULUMI/stacks, and each call is written down in
 * $FAKE_PULUMI/calls. What a preview finds, and what an update makes, is in $FAKE_PULUMI/program.cjs.
 */
const { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const HOME = process.env.FAKE_PULUMI;
const args = process.argv.slice(2);
const option = (name) => {
    const joined = args.find((it) => it.startsWith(`--${name}=`));
    return (
        joined?.slice(name.length + 3) ??
        (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined)
    );
};
const fail = (message) => {
    process.stderr.write(`error: ${message}\n`);
    process.exit(255);
};
const file = (name) => join(HOME, "stacks", `${name}.json`);
const read = (name) =>
    existsSync(file(name))
        ? JSON.parse(readFileSync(file(name), "utf8"))
        : fail(`no stack named '${name}' found`);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const outputsOf = (state) => state.deployment.resources[0]?.outputs ?? {};
/** A module of the project, loaded where it is used: most calls need none. */
const ours = (path) => require(join(process.cwd(), "node_modules", path));
const configOf = (path) => ours("yaml").parse(readFileSync(path, "utf8")).config ?? {};

appendFileSync(join(HOME, "calls"), `${JSON.stringify(args)}\n`);
const failure = existsSync(join(HOME, "failure")) ? readFileSync(join(HOME, "failure"), "utf8") : "";
if (failure !== "" && args[0] !== "version") {
    fail(failure);
}

/** The steps that the engine's summary does not count. */
const PARTS = ["create-replacement", "delete-replaced", "discard-replaced", "refresh"];

/** A program's events as Pulumi tells them: with their numbers, and at the end a summary of them. */
const told = (events) => {
    const counts = {};
    const whole = events.map(({ resourcePreEvent, ...event }) => {
        if (resourcePreEvent === undefined) {
            return event;
        }
        const { metadata } = resourcePreEvent;
        const logical = !PARTS.includes(metadata.op);
        if (logical) {
            counts[metadata.op] = (counts[metadata.op] ?? 0) + 1;
        }
        return { resourcePreEvent: { metadata: { ...metadata, logical } } };
    });
    return [...whole, { summaryEvent: { resourceChanges: counts } }, { cancelEvent: {} }];
};

/**
 * Sends a program's events to the server that asked for them, and waits until it has read them. A program's `spoil`
 * may change the lines; it is also told how many previews there were with this one.
 */
const send = ({ events = [], spoil = (lines) => lines }, address) => {
    const { credentials } = ours("@grpc/grpc-js");
    const { EventsClient } = ours("@pulumi/pulumi/proto/events_grpc_pb");
    const { EventRequest } = ours("@pulumi/pulumi/proto/events_pb");
    const calls = readFileSync(join(HOME, "calls"), "utf8").trimEnd().split("\n");
    const previews = calls.filter((it) => JSON.parse(it)[0] === "preview").length;
    const lines = told(events).map((it, sequence) => JSON.stringify({ sequence, timestamp: 0, ...it }));
    const client = new EventsClient(address.replace("tcp://", ""), credentials.createInsecure());
    return new Promise((resolve, reject) => {
        const stream = client.streamEvents((error) => (error ? reject(error) : resolve()));
        for (const line of spoil(lines, previews)) {
            const request = new EventRequest();
            request.setEvent(line);
            stream.write(request);
        }
        stream.end();
    }).finally(() => client.close());
};

const run = async (kind) => {
    const name = option("stack");
    const state = read(name);
    const config = configOf(option("config-file") ?? `Pulumi.${name}.yaml`);
    const program = require(join(HOME, "program.cjs"))({
        kind,
        name,
        config,
        reason: process.env.RELEASE_REASON,
    });
    const server = option("event-log");
    if (server !== undefined) {
        await send(program, server);
    }
    if (program.error !== undefined) {
        fail(program.error);
    }
    if (kind === "up") {
        state.deployment.resources = [
            { type: "pulumi:pulumi:Stack", urn: "urn", outputs: { ...outputsOf(state), ...program.outputs } },
        ];
        writeFileSync(file(name), JSON.stringify(state));
    }
};

const commands = {
    // One that sends its events to a server: earlier ones write a file, whose end may come too late to be read.
    version: () => process.stdout.write("v3.245.0\n"),
    "stack select": () => void read(option("stack")),
    "stack init": () => {
        const name = args[2];
        if (existsSync(file(name))) {
            const locked = existsSync(join(HOME, "locked")) ? readFileSync(join(HOME, "locked"), "utf8") : "";
            fail(locked === "" ? `stack '${name}' already exists` : locked);
        }
        return void writeFileSync(file(name), JSON.stringify({ version: 3, deployment: { resources: [] } }));
    },
    "stack rm": () => {
        const name = args.slice(2).find((it) => !it.startsWith("-"));
        read(name);
        rmSync(file(name));
        if (!args.includes("--preserve-config")) {
            rmSync(`Pulumi.${name}.yaml`);
        }
    },
    "stack ls": () =>
        say(
            readdirSync(join(HOME, "stacks")).map((it) => ({
                name: it.replace(".json", ""),
                current: false,
            })),
        ),
    "stack output": () => say(outputsOf(read(option("stack")))),
    "stack export": () => say(read(option("stack"))),
    "stack import": () => {
        read(option("stack"));
        writeFileSync(file(option("stack")), readFileSync(option("file"), "utf8"));
    },
    "stack history": () => say([{ kind: "update", version: 1, config: {} }]),
    config: () => {
        const name = option("stack");
        read(name);
        const texts = Object.entries(configOf(`Pulumi.${name}.yaml`)).map(([key, value]) => [
            key,
            { value: typeof value === "string" ? value : JSON.stringify(value), secret: false },
        ]);
        say(Object.fromEntries(texts));
    },
    up: () => run("up"),
    preview: () => run("preview"),
};
const command =
    commands[args.slice(0, 2).join(" ")] ?? commands[args[0]] ?? (() => fail(`not known: ${args.join(" ")}`));
void command();
