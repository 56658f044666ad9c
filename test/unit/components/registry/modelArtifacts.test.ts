import { expect } from "chai";

import { renderProxy } from "../../../../components/gateway/proxy";
import { mlflowEndpoint } from "../../../../components/registry/modelRegistry";
import { parseConfig } from "../../../../config/parse";

describe("artifacts of models, from outside", () => {
    const text = renderProxy([mlflowEndpoint(parseConfig({ environment: "dev" }).mlflow)], {
        trusted: [],
        logSample: 1,
    });
    const frontend = text.slice(text.indexOf("frontend mlflow"), text.indexOf("\nbackend mlflow"));
    /** The patterns for a decoded path. HAProxy's syntax differs from JavaScript's only in one name here. */
    const patterns = [...frontend.matchAll(/txn\.artifact\) -m reg (\S+) }/g)].map(
        ([, pattern]) => new RegExp(pattern!.replace("[[:cntrl:]]", "\\p{Cc}"), "u"),
    );
    const isOfModel = (path: string) => patterns.some((pattern) => pattern.test(path));

    const ofModels = [
        "1/models/m-1/artifacts/code/skops/__init__.py",
        "1/models/m-1/artifacts/model.skops",
        "1//models//m-1",
        "1/./models/m-1",
        "1/models",
        "file:1/models/m-1",
        "1/0123/artifacts/model/model.skops",
        // MLflow removes such characters.
        "1/mod\tels/m-1",
    ];
    for (const path of ofModels) {
        it(`are ${JSON.stringify(path)}`, () => {
            expect(isOfModel(`/api/2.0/mlflow-artifacts/artifacts/${path}`)).to.equal(true);
            expect(isOfModel(`/ajax-api/2.0/mlflow-artifacts/mpu/create/${path}`)).to.equal(true);
        });
    }
    for (const path of ["1/0123/artifacts/plots/a b.png", "1/0123/artifacts/modelling.png"]) {
        it(`are not ${path}`, () => {
            expect(isOfModel(`/api/2.0/mlflow-artifacts/artifacts/${path}`)).to.equal(false);
        });
    }

    it("are not written by who has signed in, and everything is read", () => {
        // The rule comes after the question for credentials, so that nobody else learns about it.
        expect(frontend).to.match(
            /use-service lua.refuse [^]*http-request return status 403 [^]*default_backend/,
        );
        expect(frontend).to.match(
            /return status 403 .* "Artifacts of models are written by training, .*" if !reads { var\(txn.refused\) -m bool }/,
        );
        expect(frontend).to.include("acl reads method GET HEAD OPTIONS\n");
    });

    it("are told after decoding as often as an honest path needs it, and what then is encoded still is refused", () => {
        expect(frontend).to.include("set-var(txn.artifact) path,url_dec,url_dec,url_dec,url_dec\n");
        const refused = (what: string) => `set-var(txn.refused) bool(true) if ${what}\n`;
        expect(frontend).to.include(refused("of_artifacts { var(txn.artifact) -m sub % }"));
        expect(frontend).to.include(refused("!{ var(txn.artifact) -m found }"));
    });

    it("are not deleted with their folder, nor uploaded where the path is a parameter", () => {
        expect(frontend).to.include("if of_artifacts METH_DELETE\n");
        expect(frontend).to.include("if of_artifacts { var(txn.artifact) -m sub mlflow/upload-artifact }\n");
    });

    it("are nothing of other ports", () => {
        expect(text.match(/status 403/g)).to.have.length(1);
    });
});
