import { benchRelease, benchRollout } from "../support/bench/benches";

describe("the bench of a release", () => {
    it("measures each part of a cold start and of a changed line, shortened", () => benchRelease());
    it("measures a release of four replicas, of which no prediction fails, shortened", () => benchRollout());
});
