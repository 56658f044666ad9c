import { expect } from "chai";

import type { Declared } from "../../../policy/declared";
import { committedTexts } from "../../support/program/stackFiles";
import { declaredBy } from "../../support/program/program";

const SERVICE = "docker:index/service:Service";
const CONTAINER = "docker:index/container:Container";

/** The inputs of a service that the test reads. */
interface Service {
    taskSpec: {
        logDriver?: object;
        restartPolicy: { condition: string; delay: string; maxAttempts: number };
    };
}

describe("what runs for months", function () {
    this.timeout(60_000);
    let declared: Declared[] = [];
    before(async () => {
        declared = await declaredBy(committedTexts("Pulumi.staging.yaml"));
    });
    const those = (type: string) => {
        const found = declared.filter((it) => it.type === type);
        expect(found, type).not.to.have.length(0);
        return found;
    };

    it("has its output in files that rotate", () => {
        const options = { "max-size": "10m", "max-file": "3" };
        for (const { name, props } of those(SERVICE)) {
            const { logDriver } = (props as Service).taskSpec;
            expect(logDriver, name).to.deep.equal({ name: "local", options });
        }
        for (const { name, props } of those(CONTAINER)) {
            expect(props, name).to.deep.include({ logDriver: "local", logOpts: options });
        }
    });

    it("is begun again however often it ends, and not each second", () => {
        for (const { name, props } of those(SERVICE)) {
            expect((props as Service).taskSpec.restartPolicy, name).to.deep.equal({
                ...{ condition: "any", delay: "5s", maxAttempts: 0, window: "0s" },
            });
        }
    });
});
