import type { EngineEvent } from "@pulumi/pulumi/automation";
import { expect } from "chai";

import { pendingOf } from "../../../../cli/upkeep/narrowUpdate";
import { PASSWORD_TYPE, toRenew, urnOf, urnsOf, usersOf } from "../../../../cli/upkeep/rotating";
import { changedBy } from "../../../../cli/upkeep/users";
import { declaredBy } from "../../../support/program/program";
import { committedTexts } from "../../../support/program/stackFiles";

const ROOT = "urn:pulumi:prod::p";

/** A password of a state, by the name of its resource. */
function password(name: string) {
    const type = PASSWORD_TYPE;
    return { type, urn: `${ROOT}::seismic:platform:Gateway$${type}::${name}` };
}

function stateOf(...names: string[]) {
    return { deployment: { resources: names.map(password) } };
}

describe("a rotation of passwords", () => {
    const all = { hasDatabase: true, hasOwnCertificate: true };

    it("is of all, of the one that is asked for, or of the one there is", () => {
        const bare = { hasDatabase: false, hasOwnCertificate: false };
        expect(toRenew(undefined, all)).to.deep.equal(["gateway", "services", "database"]);
        expect(toRenew(undefined, bare)).to.deep.equal(["gateway", "services"]);
        expect(toRenew("database", all)).to.deep.equal(["database"]);
        expect(() => toRenew("database", bare)).to.throw(/in SQLite, which has no password/);
        expect(() => toRenew("mlflow", all)).to.throw(
            "--only: got mlflow; choose gateway or services or database or certificate.",
        );
        expect(toRenew("certificate", all)).to.deep.equal(["certificate"]);
        expect(() => toRenew("certificate", bare)).to.throw(/none of its own \(tls\.selfSigned\)/);
    });

    it("of the certificate finds the secret that the program declares for it, and nothing else", async () => {
        const declared = await declaredBy(
            committedTexts("Pulumi.staging.yaml", { tls: { selfSigned: true } }),
        );
        const resources = declared.map(({ type, name }) => ({
            type,
            urn: `urn:pulumi:staging::p::${type}::${name}`,
        }));
        const found = urnsOf("staging", { deployment: { resources } }, ["certificate"]);
        expect(found).to.have.length(1);
        expect(found[0]).to.match(/::seismic-mlops-staging-tls-[0-9a-f]{8}$/);
        expect(() => urnsOf("prod", stateOf("gateway-password"), ["certificate"])).to.throw(
            "Stack prod: its state has no certificate of its own. Run: pulumi up --stack prod",
        );
    }).timeout("60s");

    it("finds them in the state by type and name, with all users of the gateway", () => {
        const state = stateOf(
            ...["database-monitor-password", "database-password", "gateway-password"],
            ...["gateway-password-ops", "gateway-password-ci", "other-gateway-password-x"],
        );
        const found = urnsOf("prod", state, ["gateway"]);
        expect(found).to.deep.equal(
            ["gateway-password", "gateway-password-ci", "gateway-password-ops"].map((it) => password(it).urn),
        );
        expect(usersOf(found)).to.deep.equal(["seismic", "ci", "ops"]);
        expect(usersOf(urnsOf("prod", state, ["database"]))).to.deep.equal([]);
        expect(() => urnsOf("prod", stateOf("gateway-password-ci"), ["gateway"])).to.throw(
            /Stack prod: its state has no gateway-password, of the gateway/,
        );
    });

    it("of one user finds no other whose name begins alike", () => {
        const state = stateOf("gateway-password-ci2", "gateway-password-ci");
        expect(urnOf(state, "gateway-password-ci")).to.equal(password("gateway-password-ci").urn);
        expect(urnOf(state, "gateway-password")).to.equal(undefined);
    });

    it("renews every password that the program makes, but not the key by which backups are checked", async () => {
        const texts = committedTexts("Pulumi.staging.yaml", {
            ...{ backup: { schedule: "0 3 * * *" }, registry: { builtIn: true } },
        });
        const access = JSON.stringify({ users: { ci: "caller", ops: "operator" } });
        const declared = await declaredBy({ ...texts, "seismic-mlops:access": access });
        const resources = declared
            .filter(({ type }) => type === PASSWORD_TYPE)
            .map(({ type, name }) => ({ type, urn: `urn:pulumi:staging::p::${type}::${name}` }));
        expect(resources).to.have.length(9);
        const renewed = urnsOf("staging", { deployment: { resources } }, toRenew(undefined, all));
        const others = resources.map(({ urn }) => urn).filter((urn) => !renewed.includes(urn));
        expect(others.map((urn) => urn.split("::").at(-1))).to.deep.equal(["backup-key-password"]);
        // The resources of one user are those that a change of this user may change.
        const missing = changedBy("ci", "seismic-mlops-staging").filter(
            (it) => !declared.some(({ type, name }) => type === it.type && name === it.name),
        );
        expect(missing).to.deep.equal([]);
    }).timeout("60s");
});

describe("an update of passwords or users", () => {
    /** @param properties the properties of the task that differ */
    const event = (op: string, name: string, type = "t", properties: readonly string[] = []) => {
        const detailedDiff = Object.fromEntries(properties.map((it) => [it, { diffKind: "update" }]));
        return {
            resourcePreEvent: { metadata: { op, type, urn: `${ROOT}::${type}::${name}`, detailedDiff } },
        } as unknown as EngineEvent;
    };
    const task = (...properties: string[]) => properties.map((it) => `taskSpec.containerSpec.${it}`);

    it("is refused for changes of anything else, but not for a training run that is not declared", () => {
        const run = "seismic:platform:TrainingRun$docker:index/container:Container";
        const events = [
            event("same", "network"),
            event("delete", "seismic-mlops-prod-training", run),
            event("replace", "seismic-mlops-prod-training", run),
            event("delete", "seismic-mlops-of-training"),
            event("update", "serving-service"),
            event("delete", "survey-writer"),
            {} as EngineEvent,
        ];
        expect(pendingOf(events)).to.deep.equal([
            "replace seismic-mlops-prod-training",
            "delete seismic-mlops-of-training",
            "update serving-service",
            "delete survey-writer",
        ]);
    });

    it("that adds a user changes the user's password, the file of users and its readers only", () => {
        const allowed = changedBy("ci", "seismic-mlops-prod");
        const [secret, service] = ["docker:index/secret:Secret", "docker:index/service:Service"];
        // As Pulumi 3.245 previews it.
        const reader = task("commands", "env", "healthcheck", "secrets[0].secretId", "secrets[0].secretName");
        const own = [
            event("create", "gateway-password-ci", PASSWORD_TYPE),
            event("replace", "seismic-mlops-prod-users", secret, ["data"]),
            event("update", "access-service", service, reader),
        ];
        expect(pendingOf(own, allowed)).to.deep.equal([]);
        const others = [
            event("create", "gateway-password-ops", PASSWORD_TYPE),
            event("replace", "seismic-mlops-prod-certificate", secret, ["data"]),
            event("update", "gateway-service", service, task("secrets[0].secretId")),
            event("update", "access-service", service),
            event("update", "access-service", service, [...reader, ...task("image")]),
            event("update", "access-service", service, task("configs[0].configId")),
        ];
        expect(pendingOf([...own, ...others], allowed)).to.have.length(others.length);
    });
});
