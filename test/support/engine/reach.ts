import { expect } from "chai";
import { lexer, type MarkedToken } from "marked";

import { ACCESS_ROLE } from "../../../components/gateway/endpoint";
import { ALERTS_PORT, READER_PORT, SCRAPES_PORT } from "../../../components/gateway/inside";
import { GATEWAY_ROLE } from "../../../components/gateway/endpoint";
import { readDocument, sectionOf } from "../pages/documents";
import type { TestEngine } from "./engine";

/** A port of each part, and a path with an answer by which the part is known. */
const PORTS: Record<string, string> = {
    mlflow: "5000/version",
    backup: "8000/metrics",
    postgres: "5432/",
    retraining: "8000/ready",
    "postgres-metrics": "9187/",
    ollama: "11434/",
    [ACCESS_ROLE]: "8404/",
    serving: "8002/version",
    status: "8000/ready",
    prometheus: "9090/-/ready",
    alertmanager: "9093/-/ready",
    volumes: "9100/",
};
/** curl's exit codes when there is no such name, no way, or nobody who answers in time. */
const NO_ANSWER = / (6|7|28)$/;
const PASSWORD = "/run/secrets/registry-password";

/** The lines of the table: the parts that ask, the parts that are reached, and what may be asked inside. */
interface Reach {
    from: string[];
    reached: string[];
    inside: string;
}

/** The table of docs/security.md. The parts of a column are in its heading. */
export function reachTable(): Reach[] {
    const tokens = lexer(sectionOf(readDocument("docs/security.md"), "Networks")) as MarkedToken[];
    const table = tokens.find((token) => token.type === "table");
    if (table?.type !== "table") {
        throw new Error("docs/security.md: there is no table under Networks");
    }
    const named = (text: string) => [...text.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name!);
    const columns = table.header.map(({ text }) => named(text));
    return table.rows.map((row) => ({
        from: named(row[0]!.text),
        reached: row.slice(1, -1).flatMap(({ text }, at) => (text.startsWith("yes") ? columns[at + 1]! : [])),
        inside: row.at(-1)!.text,
    }));
}

/**
 * Tries, from within each running container of a stack, to reach each part by its name and by each of its addresses,
 * and asserts that it reaches what the table says and nothing else.
 *
 * @returns the roles of the containers that tried, sorted
 */
export async function expectReach(engine: TestEngine): Promise<string[]> {
    const known = Object.keys(PORTS);
    const containers = await Promise.all(
        known.map(async (role) => {
            const [found] = await engine.running(role);
            expect(found, role).not.to.equal(undefined);
            const { NetworkSettings } = await engine.docker.getContainer(found!.Id).inspect();
            const addresses = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
            const url = `http://127.0.0.1:${PORTS[role]!}`;
            const own = (await tried(engine, found!.Id, [url])).get(url)!;
            expect(own, `${role} answers itself`).not.to.match(NO_ANSWER);
            return { role, addresses, own };
        }),
    );
    const table = reachTable();
    const senders = [...known, GATEWAY_ROLE].sort();
    for (const role of senders) {
        const [sender] = await engine.running(role);
        const others = containers.filter((it) => it.role !== role);
        const urls = others.map((it) =>
            [it.role, ...it.addresses].map((host) => `http://${host}:${PORTS[it.role]!}`),
        );
        const answers = await tried(engine, sender!.Id, urls.flat());
        const reached = others
            .filter(({ own }, at) => urls[at]!.some((url) => answers.get(url) === own))
            .map((it) => it.role);
        const line = table.find(({ from }) => from.includes(role));
        expect(line, `${role} in the table of docs/security.md`).not.to.equal(undefined);
        expect(reached.sort(), `reached from ${role}`).to.deep.equal(
            line!.reached.filter((it) => it !== role && known.includes(it)).sort(),
        );
        expect(await askedInside(engine, sender!.Id, role), `asked inside by ${role}`).to.equal(line!.inside);
    }
    return senders;
}

/** How each address answers: the status, the type of the answer, and curl's exit code. */
async function tried(
    engine: TestEngine,
    container: string,
    urls: readonly string[],
): Promise<Map<string, string>> {
    // Side by side, because an address without a way to it takes the whole time.
    const ask = `
for url; do
    (
        said=$(curl -s -o /dev/null --connect-timeout 2 -m 5 -w '%{http_code} %{content_type}' "$url")
        echo "$url $said $?"
    ) &
done
wait`;
    const lines = (await engine.exec(container, ["sh", "-c", ask, "ask", ...urls])).trim().split("\n");
    return new Map(lines.map((line) => [line.split(" ", 1)[0]!, line.slice(line.indexOf(" "))]));
}

/** What a container may ask of the gateway's tasks with the password that it has, in the words of the table. */
async function askedInside(engine: TestEngine, container: string, role: string): Promise<string> {
    const ask = async (port: number, method: string, path: string, body = "{}") => {
        const login = `-u "${role}:$(cat ${PASSWORD} 2>/dev/null)"`;
        const json = `-H 'content-type: application/json' ${method === "GET" ? "" : `-d '${body}'`}`;
        const text = `curl -s -o /dev/null -m 10 -w '%{http_code}' -X ${method} ${login} ${json} http://access:${port}${path}`;
        return engine.exec(container, ["sh", "-c", text]);
    };
    const tag = JSON.stringify({ name: "SeismicClassifier", key: "intruder", value: role });
    const answers = {
        read: await ask(READER_PORT, "GET", "/api/2.0/mlflow/experiments/search?max_results=1"),
        write: await ask(READER_PORT, "POST", "/api/2.0/mlflow/registered-models/set-tag", tag),
        upload: await ask(READER_PORT, "PUT", "/api/2.0/mlflow-artifacts/artifacts/1/x"),
        metrics: await ask(SCRAPES_PORT, "GET", "/mlflow/metrics"),
        alerts: await ask(ALERTS_PORT, "POST", "/retraining/alerts", '{"alerts": []}'),
    };
    // A service that is let in may still be told that its request is wrong.
    const lets = Object.entries(answers).filter(([, status]) => !["000", "401", "403"].includes(status));
    return lets.length === 0 ? "nothing" : lets.map(([what]) => what).join(", ");
}
