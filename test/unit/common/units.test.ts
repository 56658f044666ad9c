import { expect } from "chai";

import { decimalCpus, goDuration, parseBytes, parseSeconds, readsBack } from "../../../common/units";

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
        expect([2, 0.5, 1.25, 10, 20, 100, 0.333, 10.5].map(decimalCpus)).to.deep.equal([
            ...["2.0", "0.5", "1.25", "10.", "20.", "100.", "0.333", "10.5"],
        ]);
    });

    it("writes no cores that the provider reads back as others, from a thousandth to 1024", () => {
        let refused = 0;
        const fine = Array.from({ length: 12_000 }, (_, index) => (index + 1) / 1000);
        const coarse = Array.from({ length: 20_480 }, (_, index) => (index + 1) / 20);
        for (const cpus of [...fine, ...coarse]) {
            if (readsBack(cpus)) {
                if (Number(decimalCpus(cpus)) !== cpus) {
                    expect.fail(`${cpus} became ${decimalCpus(cpus)}`);
                }
            } else {
                refused++;
            }
        }
        expect(refused).to.be.above(0);
        for (const cpus of [0.001, 0.04, 0.05, 0.09, 10.05, 100.25, 1e-10, Number.NaN]) {
            expect(readsBack(cpus), `${cpus}`).to.equal(false);
            expect(() => decimalCpus(cpus)).to.throw(RangeError);
        }
    });
});
