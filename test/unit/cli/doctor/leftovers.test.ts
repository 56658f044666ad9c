import { expect } from "chai";
import type Docker from "dockerode";

import { goneImage, leftovers, strays } from "../../../../cli/doctor/leftovers";
import type { Environment } from "../../../../cli/setup/prepare";

/** The output of `pulumi stack --show-ids` for one service. */
const SHOWN = "    │  └─ docker:index/service:Service  serving-service\n    │        ID: abc123\n";

const service = (ID: string, Name: string) => ({ ID, Spec: { Name } }) as Docker.Service;
const known = service("abc123", "seismic-mlops-dev-serving");
const stray = service("def456", "seismic-mlops-dev-gateway");

describe("what engine and state do not agree on", () => {
    it("is a service that a killed update left", () => {
        expect(strays("dev", [known], SHOWN)).to.deep.equal([]);
        const [found] = strays("dev", [known, stray], SHOWN);
        expect(found).to.deep.include({
            found: "not in its state: seismic-mlops-dev-gateway; an update is under way, or was killed",
            remedy: "Once none is under way: docker service rm seismic-mlops-dev-gateway",
        });
    });

    /** An engine with this image, and a `pulumi` that prints the state. */
    const looked = (has: string, image: string | undefined) => {
        const missing = Object.assign(new Error("none"), { statusCode: 404 });
        const docker = {
            getImage: (name: string) => ({
                inspect: () => (name === has ? Promise.resolve({}) : Promise.reject(missing)),
            }),
        } as unknown as Docker;
        const environment = { pulumi: "true", env: process.env } as unknown as Environment;
        return leftovers({ name: "dev", docker, services: [], image }, environment, 5_000).then((none) => {
            expect(none, "nothing is on the engine").to.deep.equal([]);
            return leftovers({ name: "dev", docker, services: [stray], image }, environment, 5_000);
        });
    };

    it("is an image that was removed", async () => {
        expect(await looked("trainer:1", "trainer:1")).to.have.length(1);
        expect(await looked("trainer:1", undefined)).to.have.length(1);
        expect(await looked("other:1", "trainer:1")).to.deep.include(goneImage("dev", "trainer:1"));
    });
});
