import { benchRelease } from "../e2e/benches";

describe("the bench of a release", () => {
    it("measures each part of a cold start and of a changed line, shortened", () => benchRelease());
});
