import { type Permission, READING } from "../gateway/permission";

/** MLflow's own page calls the API by the second path. */
const ROOTS = ["/api", "/ajax-api"];

function below(...paths: string[]): string[] {
    return ROOTS.flatMap((root) => paths.map((path) => `${root}${path}`));
}

/**
 * The roles for MLflow's paths. Reading is a list, because many calls that read are POSTs. A call that is not in the
 * list, such as one of a later MLflow, needs an admin.
 * Source: the routes of mlflow.server 3.17, https://mlflow.org/docs/latest/api_reference/rest-api.html
 */
export const REGISTRY_ACCESS: readonly Permission[] = [
    // MLflow would send a request of its own for these, or show keys. This project does not use them.
    {
        role: "admin",
        paths: below(
            "/2.0/mlflow/gateway-proxy",
            "/2.0/mlflow/webhooks",
            "/2.0/mlflow/webhooks/*",
            "/3.0/mlflow/gateway/*",
        ),
    },
    {
        role: "viewer",
        methods: READING,
        paths: [
            ...["/", "/health", "/version", "/metrics", "/server-info", "/graphql", "/get-artifact"],
            ...["/model-versions/get-artifact", "/static-files/*", "/build/*"],
            ...below("/2.0/mlflow/*", "/3.0/mlflow/*", "/2.0/mlflow-artifacts/artifacts"),
            ...below("/2.0/mlflow-artifacts/artifacts/*"),
        ],
    },
    {
        role: "viewer",
        methods: ["POST"],
        paths: [
            "/graphql",
            ...below(
                "/2.0/mlflow/experiments/search",
                "/2.0/mlflow/experiments/search-datasets",
                "/2.0/mlflow/logged-models/search",
                "/2.0/mlflow/registered-models/get-latest-versions",
                "/2.0/mlflow/runs/search",
                "/3.0/mlflow/datasets/search",
                "/3.0/mlflow/issues/search",
                "/3.0/mlflow/traces/batchGetInfos",
                "/3.0/mlflow/traces/calculate-filter-correlation",
                "/3.0/mlflow/traces/metrics",
                "/3.0/mlflow/traces/search",
            ),
        ],
    },
    {
        role: "operator",
        methods: ["POST", "PATCH", "DELETE"],
        paths: below(
            "/3.0/mlflow/label-schemas/*",
            "/3.0/mlflow/review-queues/*",
            "/3.0/mlflow/traces/{}/assessments",
            "/3.0/mlflow/traces/{}/assessments/{}",
        ),
    },
];
