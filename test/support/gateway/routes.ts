import { readFileSync } from "node:fs";
import { join } from "node:path";

import { CHECKOUT } from "../../../cli/local/paths";
import type { Endpoint } from "../../../components/gateway/endpoint";
import { roleFor } from "../../../components/gateway/permission";
import { observerEndpoints } from "../../../components/observing/observers";
import { mlflowEndpoint } from "../../../components/registry/modelRegistry";
import { servingEndpoint } from "../../../components/serving/modelServing";
import type { Part } from "../../../config/access/access";
import { type Role, ROLES } from "../../../config/access/roles";
import { parseConfig } from "../../../config/parse";

const FILE = "test/support/gateway/routes.txt";

/** A path behind a published port. */
export interface Route {
    endpoint: Part;
    method: string;
    /** The path with {} for any part. */
    path: string;
    /** The least role; undefined for a path that needs no credentials. */
    needs: Role | undefined;
    /** Whether the upstream would work for long. */
    isHeavy: boolean;
}

/** The endpoints of a stack with everything that is watched. */
function endpoints(): Endpoint[] {
    const config = parseConfig({ environment: "staging" });
    return [servingEndpoint(config.serving, []), mlflowEndpoint(config.mlflow), ...observerEndpoints(config)];
}

/** The paths behind each published port, with the roles that they need. */
export function routes(): Route[] {
    const all: Route[] = [];
    let endpoint: Endpoint | undefined;
    for (const line of readFileSync(join(CHECKOUT, FILE), "utf8").split("\n")) {
        const header = /^\[(\w+)\]$/.exec(line)?.[1];
        const route = /^([A-Z,]+) (\S+)( !)?$/.exec(line);
        if (header !== undefined) {
            endpoint = endpoints().find(({ name }) => name === header);
        } else if (route !== null && endpoint !== undefined) {
            for (const path of spelled(route[2]!)) {
                for (const method of route[1]!.split(",")) {
                    const isOpen = path === endpoint.open && method === "GET";
                    const needs = isOpen ? undefined : roleFor(endpoint.permissions, method, given(path));
                    all.push({
                        endpoint: endpoint.name,
                        method,
                        path,
                        needs,
                        isHeavy: route[3] !== undefined,
                    });
                }
            }
        }
    }
    return all;
}

/** The paths that a pattern with alternative beginnings means. */
function spelled(path: string): string[] {
    const [, beginnings, rest] = /^\{([^}]+)\}(\/.*)$/.exec(path) ?? [];
    return beginnings === undefined ? [path] : beginnings.split(",").map((it) => `${it}${rest}`);
}

/** A path that a pattern means. */
export function given(path: string): string {
    return path.replaceAll("{}", "x");
}

/** Whether a role may send a request for a route; "nobody" has no credentials. */
export function isAllowed({ needs }: Pick<Route, "needs">, role: Role | "nobody"): boolean {
    return needs === undefined || (role !== "nobody" && ROLES.indexOf(role) >= ROLES.indexOf(needs));
}

const TITLES: Record<string, string> = {
    api: "API, status page and retraining",
    mlflow: "MLflow",
    prometheus: "Prometheus",
    alertmanager: "Alertmanager",
};

/** docs/roles.md, from the routes. */
export function rolesPage(): string {
    const tables = Object.entries(TITLES).map(([endpoint, title]) => {
        const rows = merged(routes().filter((route) => route.endpoint === endpoint));
        const body = rows.map(({ methods, path, needs }) => {
            const cells = (["nobody", ...ROLES] as const).map((role) =>
                isAllowed({ needs }, role) ? "yes" : "",
            );
            return `| ${methods.join(", ")} | \`${path}\` | ${cells.join(" | ")} |`;
        });
        return [
            `## ${title}`,
            "",
            `| method | path | without credentials | ${ROLES.join(" | ")} |`,
            `| --- | --- | --- |${" --- |".repeat(ROLES.length)}`,
            ...body,
        ].join("\n");
    });
    return [INTRODUCTION, ...tables].join("\n\n") + "\n";
}

const INTRODUCTION = `# Roles and paths

This page is written from the program: for each path behind a published port, it says who may send a request. An
end-to-end test sends a request for each cell. \`{}\` means any part of a path. HEAD and OPTIONS need what GET needs. A path
that is not here needs an admin; on the API's port it needs a caller, because each trainer has paths of its own there.
How people and programs get a role: [security.md](security.md#people-and-programs).`;

interface Row {
    methods: string[];
    path: string;
    needs: Role | undefined;
}

/** Joins the methods of a path that need the same role, and the two beginnings of MLflow's API. */
function merged(all: readonly Route[]): Row[] {
    const rows = new Map<string, Row>();
    for (const { method, path, needs } of all) {
        const shown = path.replace(/^\/ajax-api\//, "/api/");
        const key = `${shown} ${needs}`;
        const row = rows.get(key) ?? { methods: [], path: shown, needs };
        row.methods = [...new Set([...row.methods, method])];
        rows.set(key, row);
    }
    return [...rows.values()];
}
