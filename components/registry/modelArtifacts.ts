/** MLflow decodes a path until nothing changes; what is encoded more often than this is refused. */
const DECODED = "path,url_dec,url_dec,url_dec,url_dec";
const REASON =
    "Artifacts of models are written by training, from within the stack, and no artifact is deleted from outside: " +
    "what serves is the model that was judged. For another one, change the training (docs/security.md).\\n";

/** Of an artifact's path: what is not passed on, as conditions on `txn.artifact`. */
const REFUSED = [
    // <experiment>/models/..., and of older versions <experiment>/<run>/artifacts/model/...
    "{ var(txn.artifact) -m reg (^|/)models?(/|$) }",
    // MLflow would read these as another path.
    "{ var(txn.artifact) -m sub % }",
    "{ var(txn.artifact) -m reg [[:cntrl:]] }",
    // A folder may hold models.
    "METH_DELETE",
    // Here the path is a parameter.
    "{ var(txn.artifact) -m sub mlflow/upload-artifact }",
];

/**
 * HAProxy's rules for MLflow's port: who has signed in may read every artifact,
 * and may not write one of a model, in whatever way its path is written.
 */
export const MODELS_ARE_READ_ONLY: readonly string[] = [
    `http-request set-var(txn.artifact) ${DECODED}`,
    "acl reads method GET HEAD OPTIONS",
    "acl of_artifacts var(txn.artifact) -m sub mlflow-artifacts mlflow/upload-artifact",
    // What cannot be decoded is no path of a client's.
    "http-request set-var(txn.refused) bool(true) if !{ var(txn.artifact) -m found }",
    ...REFUSED.map((what) => `http-request set-var(txn.refused) bool(true) if of_artifacts ${what}`),
    `http-request return status 403 content-type text/plain string "${REASON}" if !reads { var(txn.refused) -m bool }`,
];
