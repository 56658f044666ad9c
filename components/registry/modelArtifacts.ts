/** MLflow decodes a path until nothing changes. A path that is encoded more often than this is refused. */
const DECODED = "path,url_dec,url_dec,url_dec,url_dec";
const REASON =
    "Artifacts of models are written by training, from within the stack, and no artifact is deleted from outside: " +
    "what serves is the model that was judged. For another one, change the training (docs/security.md).\\n";

/** Requests for artifacts that are not passed on, as conditions on the decoded path `txn.artifact`. */
const REFUSED = [
    // Models are at <experiment>/models/..., and in older versions at <experiment>/<run>/artifacts/model/...
    "{ var(txn.artifact) -m reg (^|/)models?(/|$) }",
    // MLflow would read these paths as other paths.
    "{ var(txn.artifact) -m sub % }",
    "{ var(txn.artifact) -m reg [[:cntrl:]] }",
    // A folder may hold models.
    "METH_DELETE",
    // Here a parameter holds the path.
    "{ var(txn.artifact) -m sub mlflow/upload-artifact }",
];

/**
 * HAProxy's rules for MLflow's port. A signed-in user may read every artifact. No user may
 * write an artifact of a model, whatever form the path has.
 */
export const MODELS_ARE_READ_ONLY: readonly string[] = [
    `http-request set-var(txn.artifact) ${DECODED}`,
    "acl reads method GET HEAD OPTIONS",
    "acl of_artifacts var(txn.artifact) -m sub mlflow-artifacts mlflow/upload-artifact",
    // No client sends a path that cannot be decoded.
    "http-request set-var(txn.refused) bool(true) if !{ var(txn.artifact) -m found }",
    ...REFUSED.map((what) => `http-request set-var(txn.refused) bool(true) if of_artifacts ${what}`),
    `http-request return status 403 content-type text/plain string "${REASON}" if !reads { var(txn.refused) -m bool }`,
];
