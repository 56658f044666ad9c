import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { CHECKOUT } from "../../../../cli/local/paths";
import { surveyReader } from "../../../../components/data/surveyData";
import { APP_UID, APP_USER, readerOf, uidOf } from "../../../../components/service/users";
import { temporaryFolder } from "../../../support/temporaryFolder";

/** A folder that belongs to root and is open to everybody. */
const OPEN = "/etc";

describe("users", () => {
    let folder: string;
    let owner: string;
    temporaryFolder((made) => {
        folder = join(made, "survey");
        mkdirSync(folder);
        writeFileSync(join(folder, "labels.csv"), "file,trace,label\n");
        const isRoot = process.getuid!() === 0;
        const [uid, gid] = isRoot ? [1234, 1235] : [process.getuid!(), process.getgid!()];
        chownSync(folder, uid, gid);
        owner = `${uid}:${gid}`;
    });

    it("read a mounted folder as its owner, where that is seen and is not root", () => {
        expect(readerOf(folder, true)).to.equal(owner);
        expect(surveyReader({ source: "folder", path: folder }, true)).to.equal(owner);
        expect(readerOf(OPEN, true)).to.equal(APP_USER);
        // A folder of this name on another machine is another folder.
        expect(readerOf(folder, false)).to.equal(APP_USER);
    });

    for (const [image, user, gid] of [
        ["postgres", "postgres", "102"],
        ["monitoring", "prometheus", "101"],
    ] as const) {
        it(`have in images/${image} the number to which the engine gives secrets`, () => {
            const text = readFileSync(join(CHECKOUT, "images", image, "Dockerfile"), "utf8");
            expect(text).to.include(`groupadd --system --gid ${gid} ${user} `);
            expect(text).to.include(`useradd --system --uid ${uidOf(user)} --gid ${user} `);
        });
    }

    it("without a known number are refused by name", () => {
        expect(["1234", "10001:10001", "472"].map(uidOf)).to.deep.equal(["1234", "10001", "472"]);
        expect(() => uidOf("www-data")).to.throw("user: got www-data, whose number is not known; add it to");
    });

    for (const file of ["trainer/Dockerfile", "images/mlflow/Dockerfile"]) {
        it(`are those that ${file} makes`, () => {
            const text = readFileSync(join(CHECKOUT, file), "utf8");
            expect(text).to.include(`/usr/sbin/useradd --uid ${APP_UID} `);
            expect(text.trimEnd().split("\n").at(-1)).to.equal("USER app");
        });
    }
});
