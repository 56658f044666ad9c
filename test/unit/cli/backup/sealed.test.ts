import { createHmac } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { checkSeal, keyName, SEAL, sealOf } from "../../../../cli/backup/authentication";
import { MANIFEST, manifestOf, manifestText, PARTS, readBackup } from "../../../../cli/backup/manifest";
import { temporaryFolder } from "../../../support/temporaryFolder";

const [KEY, OTHER] = ["k".repeat(32), "o".repeat(32)];

describe("a backup's seal", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const write = (key?: string, format = 2) => {
        const files = PARTS.map((name) => ({ name, bytes: 1, sha256: "0".repeat(64) }));
        const manifest = manifestOf({
            ...{ stack: "prod", environment: "prod", at: "2026-01-31T16:34:00.000Z", model: "Model" },
            ...{ backend: "postgres", versions: { mlflow: "3.17.2" }, releases: [], recipients: [], files },
            ...(key === undefined ? {} : { key: keyName(key) }),
        });
        const text = manifestText(manifest).replace('"format": 2', `"format": ${format}`);
        writeFileSync(join(folder, MANIFEST), text);
        if (key !== undefined) {
            writeFileSync(join(folder, SEAL), `${sealOf(text, key)}\n`);
        }
    };
    const check = (key: string | undefined, unauthenticated = false) =>
        checkSeal(readBackup(folder), key, unauthenticated);

    it("is the HMAC-SHA-256 of the manifest's file", () => {
        write(KEY);
        const text = readFileSync(join(folder, MANIFEST));
        const right = createHmac("sha256", KEY).update(text).digest("hex");
        expect(readFileSync(join(folder, SEAL), "utf8")).to.equal(`${right}\n`);
        expect(check(KEY)).to.equal(undefined);
    });

    it("names its key without telling it", () => {
        expect(keyName(KEY))
            .to.match(/^[0-9a-f]{16}$/)
            .and.not.equal(keyName(OTHER));
    });

    for (const [what, alter] of [
        ["the manifest was altered", () => edit(MANIFEST, (text) => text.replace("Model", "Modem"))],
        ["a space was added", () => edit(MANIFEST, (text) => `${text} `)],
        [
            "the seal was altered",
            () => edit(SEAL, (text) => text.replace(/./, (it) => (it === "0" ? "1" : "0"))),
        ],
        ["the seal was cut off", () => edit(SEAL, (text) => text.slice(0, 32))],
        ["the seal is empty", () => edit(SEAL, () => "")],
    ] as const) {
        it(`is refused whatever the options when ${what}`, () => {
            write(KEY);
            alter();
            for (const unauthenticated of [false, true]) {
                expect(() => check(KEY, unauthenticated)).to.throw(
                    `${join(folder, MANIFEST)}: it was altered, or its ${SEAL} was: they do not fit. ` +
                        "Take another backup. Nothing was changed.",
                );
            }
        });
    }

    it("is refused when it is gone", () => {
        write(KEY);
        rmSync(join(folder, SEAL));
        expect(() => check(KEY, true)).to.throw(/manifest\.hmac: cannot be read \(ENOENT/);
    });

    for (const [what, make, key, doubt] of [
        [
            "of another key",
            () => write(OTHER),
            KEY,
            `it is sealed with another key (${keyName(OTHER)}) than this stack's (${keyName(KEY)}); it says that it is of prod`,
        ],
        [
            "that the stack has no key for",
            () => write(KEY),
            undefined,
            "the stack has no key to check it with; bring the stack up once, or import the state that has the key",
        ],
        [
            "that an attacker left out",
            () => write(),
            KEY,
            "it has no manifest.hmac, because the stack had no key when it was made",
        ],
        [
            "that the last release did not make",
            () => write(undefined, 1),
            KEY,
            "an earlier release made it, whose backups have no manifest.hmac",
        ],
    ] as const) {
        it(`${what} needs --unauthenticated`, () => {
            make();
            expect(() => check(key)).to.throw(
                `${join(folder, MANIFEST)}: ${doubt}. Anybody may have made or changed this backup. If you know that ` +
                    "nobody did, because only you could write to its folder: --unauthenticated. Nothing was changed.",
            );
            expect(check(key, true)).to.equal(`This backup is not authenticated: ${doubt}.`);
        });
    }

    it("that neither the backup nor the stack has is only told", () => {
        write(undefined, 1);
        expect(check(undefined)).to.equal(
            "This backup is not authenticated: an earlier release made it, whose backups have no manifest.hmac.",
        );
    });

    function edit(name: string, change: (text: string) => string): void {
        const path = join(folder, name);
        writeFileSync(path, change(readFileSync(path, "utf8")));
    }
});
