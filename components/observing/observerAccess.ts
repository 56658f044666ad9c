import { type Permission, READING } from "../gateway/permission";

/** The most bytes of a query or of a silence. */
export const MOST_OBSERVER_BYTES = 1024 * 1024;

/**
 * The roles for Prometheus's paths. A long query is a POST.
 * Source: https://prometheus.io/docs/prometheus/2.53/querying/api/
 */
export const PROMETHEUS_ACCESS: readonly Permission[] = [
    { role: "admin", paths: ["/api/v1/admin/*", "/-/quit", "/-/reload", "/debug/*"] },
    { role: "viewer", methods: READING, paths: ["/*"] },
    {
        role: "viewer",
        methods: ["POST"],
        paths: ["query", "query_range", "query_exemplars", "series", "labels", "format_query", "parse_query"].map(
            (call) => `/api/v1/${call}`,
        ),
    },
];

/**
 * The roles for Alertmanager's paths. An alert that somebody posts can start a retraining.
 * Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export const ALERTMANAGER_ACCESS: readonly Permission[] = [
    { role: "admin", paths: ["/-/reload", "/debug/*"] },
    { role: "viewer", methods: READING, paths: ["/*"] },
    { role: "operator", methods: ["POST"], paths: ["/api/v2/silences", "/api/v2/alerts"] },
    { role: "operator", methods: ["DELETE"], paths: ["/api/v2/silence/{}"] },
];

/** In Grafana nobody signs in, and nobody can change anything. */
export const GRAFANA_ACCESS: readonly Permission[] = [{ role: "viewer", paths: ["/*"] }];
