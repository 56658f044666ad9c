import type { EngineEvent } from "@pulumi/pulumi/automation";
import { expect } from "chai";

import {
    PASSWORD_TYPE,
    passwordsToRotate,
    pendingOf,
    urnsOf,
    wrongStatuses,
} from "../../../../cli/upkeep/rotating";
import { declaredBy } from "../../../support/program/program";
import { committedTexts } from "../../../support/program/stackFiles";

describe("a rotation of passwords", () => {
    it("is of both, of the one that is asked for, or of the one there is", () => {
        expect(passwordsToRotate(undefined, true)).to.deep.equal(["gateway", "database"]);
        expect(passwordsToRotate(undefined, false)).to.deep.equal(["gateway"]);
        expect(passwordsToRotate("database", true)).to.deep.equal(["database"]);
        expect(() => passwordsToRotate("database", false)).to.throw(/in SQLite, which has no password/);
        expect(() => passwordsToRotate("mlflow", true)).to.throw(
            "--only: got mlflow; choose gateway or database.",
        );
    });

    it("finds them in the state by type and name", () => {
        const type = "random:index/randomPassword:RandomPassword";
        const of = (name: string) => ({ type, urn: `urn:pulumi:prod::p::${type}::${name}` });
        const all = ["database-monitor-password", "database-password", "gateway-password"].map(of);
        const state = { deployment: { resources: all } };
        expect(urnsOf("prod", state, ["gateway"])).to.deep.equal([of("gateway-password").urn]);
        const ofDatabase = ["database-password", "database-monitor-password"].map((name) => of(name).urn);
        expect(urnsOf("prod", state, ["database"])).to.deep.equal(ofDatabase);
        const empty = { deployment: { resources: [] } };
        expect(() => urnsOf("prod", empty, ["gateway"])).to.throw(
            /Stack prod: its state has no gateway-password/,
        );
    });

    it("renews every password that the program makes, but not the key by which backups are checked", async () => {
        const declared = await declaredBy(
            committedTexts("Pulumi.staging.yaml", { backup: { schedule: "0 3 * * *" } }),
        );
        const resources = declared
            .filter(({ type }) => type === PASSWORD_TYPE)
            .map(({ type, name }) => ({ type, urn: `urn:pulumi:staging::p::${type}::${name}` }));
        const renewed = urnsOf("staging", { deployment: { resources } }, passwordsToRotate(undefined, true));
        const others = resources.map(({ urn }) => urn).filter((urn) => !renewed.includes(urn));
        expect(renewed).not.to.have.length(0);
        expect(others.map((urn) => urn.split("::").at(-1))).to.deep.equal(["backup-key-password"]);
    }).timeout("60s");

    it("is refused for changes of anything else, but not for a training run that is not declared", () => {
        const event = (op: string, name: string, type = "t") =>
            ({
                resourcePreEvent: { metadata: { op, type, urn: `urn:pulumi:s::p::${type}::${name}` } },
            }) as EngineEvent;
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

    it("has come about when the new password counts, and the old one as it should", () => {
        expect(wrongStatuses(true, 401, 200)).to.equal(undefined);
        expect(wrongStatuses(false, 200, 200)).to.equal(undefined);
        for (const [rotated, withOld, withNew] of [
            [true, 200, 200],
            [true, 401, 401],
            [false, 401, 200],
            [true, 401, 503],
        ] as const) {
            expect(wrongStatuses(rotated, withOld, withNew)).to.match(/^the gateway answers/);
        }
    });
});
