import { Readable } from "node:stream";

import { expect } from "chai";
import type Docker from "dockerode";

import { proxyArguments } from "../../../engine/proxies";
import { buildImage } from "../../../cli/setup/imageBuild";

const PROXY = "http://user:s3cret@proxy.example.org:3128";

describe("proxies of a build", () => {
    for (const [what, env, expected] of [
        ["none", { PATH: "/bin", HTTP_PROXY: "" }, {}],
        ["HTTP_PROXY alone", { HTTP_PROXY: PROXY }, { http_proxy: PROXY, HTTP_PROXY: PROXY }],
        ["https_proxy alone", { https_proxy: PROXY }, { https_proxy: PROXY, HTTPS_PROXY: PROXY }],
        [
            "both spellings, of which the small one counts, as for curl",
            { http_proxy: "a", HTTP_PROXY: "b", NO_PROXY: "localhost,.example.org" },
            {
                http_proxy: "a",
                HTTP_PROXY: "a",
                no_proxy: "localhost,.example.org",
                NO_PROXY: "localhost,.example.org",
            },
        ],
    ] as const) {
        it(`are those of the environment: ${what}`, () => {
            expect(proxyArguments(env)).to.deep.equal(expected);
        });
    }

    it("are given to setup's builds beside their own arguments", async () => {
        const before = process.env.http_proxy;
        process.env.http_proxy = PROXY;
        let given: unknown;
        const docker = {
            buildImage: (_context: unknown, options: { buildargs: unknown }) => {
                given = options.buildargs;
                return Promise.resolve(Readable.from([]));
            },
            modem: { followProgress: (_: unknown, done: (error: null) => void) => done(null) },
        } as unknown as Docker;
        try {
            const build = { tag: "t", context: ".", buildArgs: { ROOT: "r" } };
            await buildImage(docker, build, () => undefined);
        } finally {
            if (before === undefined) {
                delete process.env.http_proxy;
            } else {
                process.env.http_proxy = before;
            }
        }
        expect(given).to.include({ ROOT: "r", http_proxy: PROXY, HTTP_PROXY: PROXY });
    });
});
