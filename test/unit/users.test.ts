import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { surveyFingerprint, surveyReader } from "../../components/surveyData";
import { APP_UID, APP_USER, readerOf } from "../../components/users";
import { firstUnreadable } from "../../source/folderFingerprint";
import { temporaryFolder } from "./temporaryFolder";

/** Folders of root's, for everybody and for nobody else. */
const [OPEN, CLOSED] = ["/etc", "/root"];

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
        // Another machine's folder of that name is another folder.
        expect(readerOf(folder, false)).to.equal(APP_USER);
    });

    it("are told of a folder that only root can read, and how it is opened", () => {
        expect(() => surveyFingerprint({ source: "folder", path: CLOSED }, true)).to.throw(
            `data.path: ${CLOSED} can be read by root only, and the trainer is not root; run: chmod -R o+rX ${CLOSED}`,
        );
        chmodSync(folder, 0o700);
        expect(surveyFingerprint({ source: "folder", path: folder }, true)).to.match(/^[0-9a-f]{16}$/);
    });

    for (const [what, mode, fileMode, closed] of [
        ["open", 0o755, 0o644, false],
        ["that nobody else may list", 0o711, 0o644, true],
        ["that nobody else may enter", 0o744, 0o644, true],
        ["with a closed file", 0o755, 0o640, true],
    ] as const) {
        it(`can${closed ? "not" : ""} all read a folder ${what}`, () => {
            chmodSync(join(folder, "labels.csv"), fileMode);
            chmodSync(folder, mode);
            const first = mode === 0o755 ? join(folder, "labels.csv") : folder;
            expect(firstUnreadable(folder)).to.equal(closed ? first : undefined);
        });
    }

    for (const file of ["trainer/Dockerfile", "images/mlflow/Dockerfile"]) {
        it(`are those that ${file} makes`, () => {
            const text = readFileSync(join(__dirname, "..", "..", file), "utf8");
            expect(text).to.include(`/usr/sbin/useradd --uid ${APP_UID} `);
            expect(text.trimEnd().split("\n").at(-1)).to.equal("USER app");
        });
    }
});
