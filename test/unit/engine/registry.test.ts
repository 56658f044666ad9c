import { expect } from "chai";
import type Docker from "dockerode";

import { askRegistry, knownDigest, RegistryFailed, stored } from "../../../engine/registry";

const TAG = "seismic-mlops/trainer:0123456789abcdef";
const IMAGE = `${TAG}-53a57a62899d`;
const DIGEST = `sha256:${"d".repeat(64)}`;
const LOGIN = { username: "ci", password: "s3cret" };

interface Fake {
    /** The names by digest that the engine knows. */
    digests?: string[];
    /** The status and the text with which the registry answers that it has no such image, or fails. */
    answer?: [status: number, text: string];
    push?: object[];
}

/** A stream of the engine's reports. */
const streamed = (events: object[]) => ({ events, setEncoding: () => undefined });
type Streamed = ReturnType<typeof streamed>;

/** An engine with one image. Each call is noted. */
function engine({ digests = [], answer, push = [{ aux: { Digest: DIGEST } }] }: Fake = {}) {
    const calls: string[] = [];
    const noted = (what: string, login: object = {}) => {
        calls.push([what, ...(Object.values(login) as string[])].join(" "));
    };
    const docker = {
        modem: {
            followProgress: (
                stream: Streamed,
                done: (error: null) => void,
                onEvent: (event: object) => void,
            ) => {
                stream.events.forEach(onEvent);
                done(null);
            },
        },
        pull: (name: string, { authconfig }: { authconfig: object }) => {
            noted(`pull ${name}`, authconfig);
            return Promise.resolve(streamed([]));
        },
        getImage: (name: string) => ({
            inspect: () => Promise.resolve({ RepoDigests: digests }),
            tag: ({ repo, tag }: { repo: string; tag: string }) =>
                Promise.resolve(noted(`tag ${repo}:${tag}`)),
            remove: () => Promise.resolve(noted(`remove ${name}`)),
            push: ({ authconfig }: { authconfig: object }) => {
                noted(`push ${name}`, authconfig);
                return Promise.resolve(streamed(push));
            },
            distribution: ({ authconfig }: { authconfig: object }) => {
                noted(`ask ${name}`, authconfig);
                return answer === undefined
                    ? Promise.resolve({})
                    : Promise.reject(Object.assign(new Error(answer[1]), { statusCode: answer[0] }));
            },
        }),
    };
    return { docker: docker as unknown as Docker, calls };
}

const failure = (asked: Promise<unknown>) =>
    asked.then(
        () => "no failure",
        (error: unknown) => (error instanceof RegistryFailed ? error.message : `not told: ${String(error)}`),
    );

describe("a registry of images", () => {
    const registry = { address: "registry.example.org/team", login: LOGIN };
    const name = `registry.example.org/team/seismic-mlops/trainer`;

    it("gets an image that it lacks, by a name that is gone afterwards; the engine knows the digest", async () => {
        const { docker, calls } = engine();
        let told = 0;
        expect(await stored(docker, IMAGE, TAG, registry, () => (told += 1))).to.equal(`${name}@${DIGEST}`);
        const login = "ci s3cret registry.example.org";
        const tag = `${name}:0123456789abcdef`;
        expect(calls).to.deep.equal([
            `tag ${tag}`,
            `push ${tag} ${login}`,
            `remove ${tag}`,
            `pull ${name}@${DIGEST} ${login}`,
        ]);
        expect(told).to.equal(1);
    });

    it("gets nothing that it has", async () => {
        const { docker, calls } = engine({
            digests: [`elsewhere/seismic-mlops/trainer@x`, `${name}@${DIGEST}`],
        });
        expect(await stored(docker, IMAGE, TAG, registry, () => expect.fail("pushed"))).to.equal(
            `${name}@${DIGEST}`,
        );
        expect(calls).to.deep.equal([`ask ${name}@${DIGEST} ci s3cret registry.example.org`]);
    });

    for (const answer of [
        [404, "manifest unknown: manifest unknown"],
        [500, "errors: manifest unknown"],
        [403, "name unknown: repository name not known to registry"],
    ] as [number, string][]) {
        it(`gets an image again that it has lost: ${answer.join(" ")}`, async () => {
            const { docker, calls } = engine({ digests: [`${name}@${DIGEST}`], answer });
            await stored(docker, IMAGE, TAG, registry, () => undefined);
            expect(calls.filter((it) => it.startsWith("push"))).to.have.length(1);
        });
    }

    it("gets it by another address than the one that nodes use, if there is one", async () => {
        const { docker, calls } = engine();
        const own = { address: "127.0.0.1:5010", pushAddress: "127.0.0.2:5010", login: LOGIN };
        const reference = await stored(docker, IMAGE, TAG, own, () => undefined);
        expect(reference).to.equal(`127.0.0.1:5010/seismic-mlops/trainer@${DIGEST}`);
        expect(calls[1]).to.match(/^push 127\.0\.0\.2:5010\/.* ci s3cret 127\.0\.0\.2:5010$/);
        expect(calls[3]).to.match(/^pull 127\.0\.0\.1:5010\//);
    });

    it("that fails in the middle is told with the reason, and without the password", async () => {
        const { docker } = engine({ push: [{ status: "Pushing" }, { error: "no space left on device" }] });
        const said = await failure(stored(docker, IMAGE, TAG, registry, () => undefined));
        expect(said).to.match(/trainer:0123456789abcdef: no space left on device$/);
        expect(said).not.to.include(LOGIN.password);
    });

    it("answers, if it says that it has no such image; and does not, if it says anything else", async () => {
        await askRegistry(engine({ answer: [404, "manifest unknown"] }).docker, registry);
        for (const [status, text] of [
            [500, "Get https://registry.example.org/v2/: dial tcp: connection refused"],
            [401, "unauthorized: authentication required"],
        ] as [number, string][]) {
            const { docker } = engine({ answer: [status, text] });
            expect(await failure(askRegistry(docker, registry))).to.include(text);
        }
    });

    it("is known to the engine by what was pulled from there, and by no other registry", async () => {
        const other = engine({ digests: [`registry.example.org/teams/seismic-mlops/trainer@${DIGEST}`] });
        expect(await knownDigest(other.docker, IMAGE, TAG, registry)).to.equal(undefined);
        const own = engine({ digests: [`${name}@${DIGEST}`] });
        expect(await knownDigest(own.docker, IMAGE, TAG, registry)).to.equal(`${name}@${DIGEST}`);
    });
});
