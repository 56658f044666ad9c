import { asYaml } from "../../common/json";

const DATA_SOURCE = "prometheus";
const COLUMNS = 24;
const [WIDTH, HEIGHT] = [12, 8];
const FOLDER = "/etc/grafana/dashboards";

/** The paths where Grafana looks for its files. */
export const GRAFANA_PATHS = {
    dataSource: "/etc/grafana/provisioning/datasources/stack.yml",
    provider: "/etc/grafana/provisioning/dashboards/stack.yml",
    dashboard: `${FOLDER}/stack.json`,
} as const;

/** The stack's Prometheus as Grafana's data source. */
export function renderDataSource(url: string): string {
    return asYaml({
        apiVersion: 1,
        datasources: [
            {
                name: "Prometheus",
                uid: DATA_SOURCE,
                type: "prometheus",
                access: "proxy",
                url,
                isDefault: true,
            },
        ],
    });
}

/** Tells Grafana the folder of the dashboard. */
export function renderProvider(): string {
    return asYaml({
        apiVersion: 1,
        providers: [{ name: "stack", type: "file", allowUiUpdates: false, options: { path: FOLDER } }],
    });
}

/** A graph of the dashboard. */
interface Panel {
    title: string;
    /** Grafana's name of a unit: "reqps", "s", "percentunit", "short". */
    unit: string;
    /** Expressions by their legends. */
    series: Record<string, string>;
}

const PANELS: Panel[] = [
    {
        title: "Requests",
        unit: "reqps",
        series: { requests: "model:requests:rate1m" },
    },
    {
        title: "Predictions by class",
        unit: "short",
        series: { "{{class}}, version {{version}}": "model:predictions:rate1m" },
    },
    {
        title: "Latency of /predict",
        unit: "s",
        series: {
            median: "model:latency_seconds:p50_1m",
            "95 %": "model:latency_seconds:p95_1m",
            "99 %": "model:latency_seconds:p99_1m",
        },
    },
    { title: "Failed requests", unit: "percentunit", series: { failed: "model:errors:ratio1m" } },
    {
        title: "Drift",
        unit: "short",
        series: {
            score: "model:drift_score:max",
            "{{feature}}": "topk(5, max by (feature) (model_feature_drift_psi))",
        },
    },
    {
        title: "Replicas that answer, by version",
        unit: "short",
        series: { "version {{version}}": "count by (version) (model_info)" },
    },
    {
        title: "F1 of the served model",
        unit: "percentunit",
        series: { macro: "max(model_f1_macro)", weighted: "max(model_f1_weighted)" },
    },
    {
        title: "Free space below the volumes",
        unit: "percentunit",
        series: { "{{mountpoint}}": "node_filesystem_avail_bytes / node_filesystem_size_bytes" },
    },
];

/** The dashboard of a stack and its model, as Grafana's JSON: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model */
export function renderDashboard(stack: string, model: string): string {
    return JSON.stringify({
        // The page's address has this word, and people keep addresses.
        uid: "seismic",
        title: `${model}, ${stack}`,
        schemaVersion: 39,
        refresh: "10s",
        time: { from: "now-1h", to: "now" },
        panels: PANELS.map(panel),
    });
}

function panel({ title, unit, series }: Panel, index: number) {
    const perRow = COLUMNS / WIDTH;
    return {
        id: index + 1,
        type: "timeseries",
        title,
        datasource: { type: "prometheus", uid: DATA_SOURCE },
        gridPos: {
            w: WIDTH,
            h: HEIGHT,
            x: (index % perRow) * WIDTH,
            y: Math.floor(index / perRow) * HEIGHT,
        },
        fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
        targets: Object.entries(series).map(([legendFormat, expr], number) => ({
            refId: String.fromCharCode("A".charCodeAt(0) + number),
            expr,
            legendFormat,
        })),
    };
}
