import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    linkSync,
    mkdirSync,
    readdirSync,
    renameSync,
    rmSync,
    statSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import { DataFolder, MOUNT } from "../../../support/dataFolders";

describe("data folders", () => {
    const data = new DataFolder();

    it("without folders keep the fingerprint that they had before folders were looked into", () => {
        for (const name of [
            "labels.csv",
            ".DS_Store",
            "ä.sgy",
            "a\u0308.sgy",
            "\u{1F30D}.sgy",
            "\uFFFDx.sgy",
            "a b'\n.sgy",
            "-x.sgy",
        ]) {
            data.write(name, name);
        }
        data.link("x.sgy", "linked.sgy");
        linkSync(data.in("x.sgy"), data.in("hard.sgy"));
        const hash = createHash("sha256");
        for (const name of readdirSync(data.path).sort()) {
            const { size, mtimeMs } = statSync(data.in(name));
            hash.update(`${name}\0${size}\0${mtimeMs}\0`);
        }
        expect(data.fingerprint()).to.equal(hash.digest("hex").slice(0, 16));
    });

    const change = (title: string, doing: () => void) =>
        it(`have another fingerprint with ${title}`, () => {
            data.write("sub/deep/y.sgy", "1");
            data.write("sub/z.sgy", "1");
            data.link("sub", "to");
            const before = data.fingerprint();
            expect(data.fingerprint()).to.equal(before);
            doing();
            expect(data.fingerprint()).not.to.equal(before);
        });
    change("another size", () => data.write("x.sgy", "1234"));
    change("another size further down", () => data.write("sub/deep/y.sgy", "12"));
    change("another time further down", () => utimesSync(data.in("sub/deep/y.sgy"), 2000, 2000));
    change("a file more further down", () => data.write("sub/deep/more.sgy"));
    change("a file less further down", () => rmSync(data.in("sub/z.sgy")));
    change("another name further down", () => renameSync(data.in("sub/deep"), data.in("sub/deeper")));
    change(
        "a link to a folder that leads elsewhere",
        () => (rmSync(data.in("to")), data.link("sub/deep", "to")),
    );

    it("are seen with any name, also one that is not UTF-8", () => {
        const names = [data.bytes("caf", 0xe9, ".sgy"), data.bytes(0xff, 0xfe), data.bytes("n".repeat(255))];
        const all = names.map((name) => {
            writeFileSync(name, "1");
            return data.fingerprint();
        });
        expect(new Set([data.fingerprint(), ...all]).size).to.equal(names.length);
    });

    it("may hold what is nobody's data: lost+found, an editor's lock, what is hidden and broken", () => {
        data.write("sub/y.sgy");
        const before = data.fingerprint();
        for (const name of ["lost+found", "sub/lost+found"]) {
            mkdirSync(data.in(name), { mode: 0 });
        }
        data.link("user@host.123:1700000000", ".#labels.csv");
        data.link("/nowhere", ".gone");
        data.link(".loop", ".loop");
        execFileSync("mkfifo", [data.in(".pipe")]);
        mkdirSync(data.in(".Trash-0"), { mode: 0 });
        expect(data.fingerprint()).to.equal(before);
        rmSync(data.in("lost+found"), { recursive: true });
        // A file system makes only a folder of this name.
        data.write("lost+found");
        expect(data.fingerprint()).not.to.equal(before);
    });

    it("may hold links that stay within, as the container sees them", () => {
        data.write("sub/y.sgy");
        data.link("sub/../x.sgy", "a.sgy");
        data.link("../x.sgy", "sub/up.sgy");
        data.link(`${MOUNT}/x.sgy`, "mounted.sgy");
        data.link("a.sgy", "again.sgy");
        data.link("sub", "folder");
        data.link("..", "sub/back");
        expect(data.problems()).to.deep.equal([]);
    });

    describe("are refused, by name, with where it leads,", () => {
        beforeEach(() => writeFileSync(join(data.made, "other.sgy"), "1"));
        const OUT = "out of the folder, and the trainer's container sees the folder alone;";
        for (const [what, target, says] of [
            ["a link to another disk", "/etc/passwd", `it is a link to /etc/passwd, ${OUT}`],
            ["a link to a neighbour", "../other.sgy", `it is a link to ../other.sgy, ${OUT}`],
            ["a link to a folder elsewhere", "/etc", `it is a link to /etc, ${OUT}`],
            ["a link to nothing", "gone.sgy", "it is a link to gone.sgy, where nothing is;"],
            [
                "a link to an unmounted disk",
                "/mnt/gone/x.sgy",
                "it is a link to /mnt/gone/x.sgy, where nothing is;",
            ],
            ["a link to itself", "line.sgy", "it is a link that leads back to itself"],
            ["a link through another that leads out", "out/passwd", `it is a link to out/passwd, ${OUT}`],
            [
                "an absolute path of this machine into the folder",
                "FOLDER/x.sgy",
                `it is a link to FOLDER/x.sgy, ${OUT}`,
            ],
        ] as const) {
            it(what, () => {
                if (target.startsWith("out/")) {
                    data.link("/etc", ".out");
                }
                data.link(target.replace("FOLDER", data.path).replace(/^out/, ".out"), "line.sgy");
                const [problem, ...others] = data.problems();
                expect(others).to.deep.equal([]);
                expect(problem!.replace(".out", "out"))
                    .to.match(/^FOLDER\/line\.sgy: /)
                    .and.include(says);
            });
        }
    });

    it("are refused with what is no file", async () => {
        execFileSync("mkfifo", [data.in("pipe.sgy")]);
        expect(data.problems()).to.deep.equal([
            "FOLDER/pipe.sgy: it is a named pipe, which is no data; remove it",
        ]);
        rmSync(data.in("pipe.sgy"));
        const server = createServer().listen(data.in("s"));
        await new Promise((resolve) => server.once("listening", resolve));
        expect(data.problems()).to.deep.equal(["FOLDER/s: it is a socket, which is no data; remove it"]);
        await new Promise((resolve) => server.close(resolve));
    });

    it("are named all at once, up to a handful", () => {
        for (let number = 0; number < 9; number++) {
            data.link("/etc/passwd", `${number}.sgy`);
        }
        expect(data.problems()).to.have.length(6);
        expect(data.problems().at(-1)).to.equal("and 4 more");
    });
});
