import { expect } from "chai";

import { updateGroup } from "../../../../components/service/updateGroup";

/** The replicas, the tasks in a group, and the number of groups. */
const TABLE: readonly [replicas: number, group: number, groups: number][] = [
    [1, 1, 1],
    [2, 1, 2],
    [3, 1, 3],
    [4, 2, 2],
    [5, 2, 3],
    [6, 2, 3],
    [7, 3, 3],
    [10, 4, 3],
    [50, 17, 3],
    [100, 34, 3],
    [256, 86, 3],
];

describe("the tasks that an update replaces at a time", () => {
    for (const [replicas, group, groups] of TABLE) {
        it(`are ${group} of ${replicas}, so an update takes ${groups} groups`, () => {
            expect(updateGroup(replicas)).to.equal(group);
            expect(Math.ceil(replicas / updateGroup(replicas))).to.equal(groups);
        });
    }

    it("leave more than a half of the tasks to one generation after each group, from 5 replicas on", () => {
        for (let replicas = 5; replicas <= 256; replicas += 1) {
            const group = updateGroup(replicas);
            for (let updated = 0; updated < replicas; updated += group) {
                expect(Math.max(updated, replicas - updated), String(replicas)).to.be.above(replicas / 2);
            }
        }
    });
});
