import { expect } from "chai";

import { decimalCpus, goDuration, parseBytes, parseSeconds } from "../../units";

describe("units", () => {
    it("reads durations and sizes, and nothing else", () => {
        expect(["45s", "20m", "1h"].map(parseSeconds)).to.deep.equal([45, 1200, 3600]);
        expect(["512k", "512m", "2g"].map(parseBytes)).to.deep.equal([524288, 536870912, 2147483648]);
        for (const none of ["", "20", "m", "-1s", "1.5h", "1d", "20 m"]) {
            expect(parseSeconds(none), none).to.equal(undefined);
            expect(parseBytes(none), none).to.equal(undefined);
        }
    });

    it("writes durations as the provider reads them back", () => {
        expect([0, 15, 60, 90, 3600, 3661].map(goDuration)).to.deep.equal([
            "0s",
            "15s",
            "1m",
            "1m30s",
            "1h",
            "1h1m1s",
        ]);
    });

    it("writes cores as the provider reads them back", () => {
        expect([2, 0.5, 1.25, 10].map(decimalCpus)).to.deep.equal(["2.0", "0.5", "1.25", "10."]);
    });
});
