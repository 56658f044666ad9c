import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import {
    LOOK_SECONDS,
    PROBE,
    renderHealthcheck,
    REST_SECONDS,
} from "../../../../components/service/healthcheck";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("healthcheck", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    /** Runs the rendered check as the engine does, with a resolver that knows `others` or does not know them. */
    const healthy = (probe: string | string[], others: boolean | string[], seconds = 15): boolean => {
        const getent = join(folder, "getent");
        const addresses = others === true ? ["10.0.0.7"] : others === false ? [] : others;
        const lines = addresses.map((it) => `${it}  STREAM web\\n${it}  DGRAM\\n`).join("");
        writeFileSync(getent, `#!/bin/sh\n[ "$1 $2" = "ahostsv4 web" ] && printf '${lines}'\n`);
        chmodSync(getent, 0o755);
        // The probe is "true" or "false", or this one, which succeeds at one address.
        writeFileSync(
            join(folder, "ask"),
            '#!/bin/sh\n[ "$2" = http://127.0.0.1:8001/ready ] || [ "$2" = "http://$1:8001/ready" ]\n',
        );
        chmodSync(join(folder, "ask"), 0o755);
        const rest = join(folder, "sleep");
        writeFileSync(rest, `#!/bin/sh\necho "$1" >> ${join(folder, "rested")}\n`);
        chmodSync(rest, 0o755);
        const { tests } = renderHealthcheck(
            { test: [probe].flat(), startSeconds: 60 },
            { service: "web", seconds },
        );
        const ended = spawnSync(tests[1]!, tests.slice(2), {
            env: { PATH: `${folder}:${process.env.PATH}`, PROBE_FOLDER: folder },
        });
        return ended.status === 0;
    };
    const readySince = (secondsAgo: number) => {
        writeFileSync(join(folder, "ready-since"), String(Math.floor(Date.now() / 1000) - secondsAgo));
    };

    it("has in its shell file the seconds that its timeout is made of", () => {
        expect(PROBE)
            .to.include(`|| sleep ${REST_SECONDS}\n`)
            .and.to.include(`\ntimeout ${LOOK_SECONDS} "$@"`);
    });

    it("is the probe alone where tasks do not overlap", () => {
        const { tests, startPeriod } = renderHealthcheck({ test: ["false"], startSeconds: 60 });
        expect(startPeriod).to.equal("1m");
        const ended = (probe: string) =>
            spawnSync(tests[1]!, [...tests.slice(2, -1), probe], {
                env: { PATH: process.env.PATH, PROBE_FOLDER: folder },
            }).status;
        expect(ended("false")).not.to.equal(0);
        expect(ended("true")).to.equal(0);
    });

    it("lets a task that is well alone for a while, and hurries again once it is not", () => {
        const rests = () =>
            existsSync(join(folder, "rested")) ? readFileSync(join(folder, "rested"), "utf8") : "";
        healthy("false", false);
        healthy("true", false);
        expect(rests()).to.equal("");
        healthy("true", false);
        expect(rests()).to.equal("8\n");
        healthy("false", false);
        expect(rests()).to.equal("8\n8\n");
        healthy("true", false);
        expect(rests()).to.equal("8\n8\n");
    });

    it("holds a newcomer back while others answer, until it has been ready long enough", () => {
        expect(healthy("true", true)).to.equal(false);
        // The probe counts whole seconds, and starts some time after this line.
        readySince(10);
        expect(healthy("true", true)).to.equal(false);
        readySince(15);
        expect(healthy("true", true)).to.equal(true);
    });

    it("lets it serve at once when all others are of its own generation", () => {
        const asks = (address: string) => ["ask", address, "http://127.0.0.1:8001/ready"];
        expect(healthy(asks("10.0.0.8"), ["10.0.0.7"])).to.equal(false);
        expect(healthy(asks("10.0.0.7"), ["10.0.0.7", "10.0.0.8"])).to.equal(false);
        expect(healthy(asks("10.0.0.7"), ["10.0.0.7"])).to.equal(true);
    });

    it("begins anew when the probe fails in between", () => {
        readySince(14);
        expect(healthy("false", true)).to.equal(false);
        expect(existsSync(join(folder, "ready-since"))).to.equal(false);
    });

    it("lets a task serve at once where nobody else answers, and lets it stay when others come", () => {
        expect(healthy("false", false)).to.equal(false);
        expect(healthy("true", false)).to.equal(true);
        expect(healthy("true", true)).to.equal(true);
        expect(healthy("false", true)).to.equal(false);
    });

    it("gives a newcomer the time to prove itself before a failing probe is a fault", () => {
        const { startPeriod } = renderHealthcheck(
            { test: ["true"], startSeconds: 60 },
            { service: "web", seconds: 15 },
        );
        expect(startPeriod).to.equal("1m15s");
    });
});
