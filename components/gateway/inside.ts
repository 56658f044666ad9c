import { LOG_FORMAT } from "./accessLog";
import { type Endpoint, SMALL_BODY } from "./endpoint";
import { guarded } from "./frontend";
import { type Insider, INSIDERS_FILE } from "./insiders";
import { type Permission, READING } from "./permission";
import type { ScrapeTarget } from "../service/scrapeTarget";

/** The port at which services read MLflow. */
export const READER_PORT = 5000;
/** The port at which Prometheus reads the metrics of services in the registry's network. */
export const SCRAPES_PORT = 5001;
/** The port at which Alertmanager posts alerts that start a retraining. */
export const ALERTS_PORT = 5002;

/** A way from the network of what answers users into the registry's network. */
interface Way {
    name: string;
    port: number;
    users: readonly Insider[];
    permissions: readonly Permission[];
    /** The path that needs no password, if there is one. */
    open?: string;
    /** HAProxy's lines that choose the tasks which answer. */
    routes: readonly string[];
}

/** The ways that a stack needs. */
export interface Inside {
    /** The services that use them. */
    insiders: readonly Insider[];
    /** MLflow's endpoint. Services read what a viewer may read. */
    registry: Endpoint;
    /** Services in the registry's network that have metrics. */
    scraped: readonly ScrapeTarget[];
    /** The tasks that take alerts, and the path; undefined when nothing takes any. */
    alerted: { backend: string; path: string } | undefined;
}

/** The path at which Prometheus finds a service's metrics. */
export function scrapePath({ job }: ScrapeTarget): string {
    return `/${job}/metrics`;
}

/** HAProxy's sections for the ways inside. */
export function renderInside({ registry, scraped, alerted }: Inside): string[] {
    const reader: Way = {
        name: "reader",
        port: READER_PORT,
        users: ["serving", "status"],
        permissions: registry.permissions,
        open: registry.open,
        routes: [`default_backend ${registry.name}-${registry.upstream.ports[0]}`],
    };
    const ways = [reader];
    if (scraped.length > 0) {
        ways.push({
            name: "scrapes",
            port: SCRAPES_PORT,
            users: ["prometheus"],
            permissions: [{ role: "viewer", methods: READING, paths: scraped.map(scrapePath) }],
            routes: [
                "http-request set-var(txn.job) path,field(2,/)",
                "http-request set-path /metrics",
                ...scraped.map(({ job }) => `use_backend scrape-${job} if { var(txn.job) -m str ${job} }`),
            ],
        });
    }
    if (alerted !== undefined) {
        ways.push({
            name: "alerts",
            port: ALERTS_PORT,
            users: ["alertmanager"],
            permissions: [{ role: "operator", methods: ["POST"], paths: [alerted.path] }],
            routes: [`default_backend ${alerted.backend}`],
        });
    }
    return [...ways.map(renderWay), ...scraped.map(renderScrape)];
}

function renderWay({ name, port, users, permissions, open, routes }: Way): string {
    const lines = [
        ...guarded({ name, permissions, mostBytes: SMALL_BODY, open }, { file: INSIDERS_FILE, only: users }),
        // These services ask all the time. What is refused or fails is worth a line.
        "http-response set-log-level silent if { status lt 400 }",
        ...routes,
    ];
    return `frontend ${name}
    bind :${port}
    ${LOG_FORMAT}
${lines.map((line) => `    ${line}\n`).join("")}`;
}

/** The task is not checked: Prometheus tells when it does not answer. */
function renderScrape({ job, host, port }: ScrapeTarget): string {
    return `backend scrape-${job}
    http-request set-header Host ${host}:${port}
    server ${job} ${host}:${port} resolvers engine init-addr none
`;
}
