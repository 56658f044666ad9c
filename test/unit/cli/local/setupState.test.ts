import { expect } from "chai";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateEnvironment as stateOf } from "../../../../cli/local/state";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("setup: state", () => {
    let folder: string;
    let env: NodeJS.ProcessEnv;
    temporaryFolder((made) => {
        folder = made;
        mkdirSync(join(folder, "pulumi"));
        writeFileSync(join(folder, "Pulumi.yaml"), "name: p\n");
        // A Pulumi home without a login, so that the tests do not use the user's own.
        env = {
            XDG_DATA_HOME: folder,
            XDG_CACHE_HOME: join(folder, "cache"),
            PULUMI_HOME: join(folder, "pulumi"),
        };
    });

    /** In a project without a committed backend, whatever this checkout has. */
    const stateEnvironment = (given: NodeJS.ProcessEnv, create: boolean) => stateOf(given, create, folder);

    const login = (current: string, tokens: Record<string, string> = {}): void =>
        writeFileSync(
            join(folder, "pulumi", "credentials.json"),
            JSON.stringify({ current, accessTokens: tokens }),
        );

    it("makes a local backend and a passphrase that only its owner reads", () => {
        expect(stateEnvironment(env, false)).to.equal(undefined);
        const made = stateEnvironment(env, true);
        const file = join(folder, "seismic-mlops", "passphrase");
        expect(made).to.deep.equal({
            PULUMI_BACKEND_URL: `file://${folder}/seismic-mlops/state`,
            PULUMI_CONFIG_PASSPHRASE_FILE: file,
        });
        expect(statSync(file).mode & 0o777).to.equal(0o600);
        expect(readFileSync(file, "utf8").trim()).to.have.lengthOf.at.least(40);
        expect(stateEnvironment(env, false)).to.deep.equal(made);
    });

    it("does not make up a new passphrase over stacks of a lost one", () => {
        stateEnvironment(env, true);
        const stacks = join(folder, "seismic-mlops", "state", ".pulumi", "stacks", "seismic-mlops");
        mkdirSync(stacks, { recursive: true });
        writeFileSync(join(stacks, "dev.json"), "{}");
        rmSync(join(folder, "seismic-mlops", "passphrase"));
        expect(() => stateEnvironment(env, true)).to.throw(/passphrase: missing[\s\S]*dev\.json/);
    });

    it("takes the user's passphrase, an empty one too", () => {
        expect(stateEnvironment({ ...env, PULUMI_CONFIG_PASSPHRASE: "" }, true)).to.have.all.keys(
            "PULUMI_BACKEND_URL",
        );
    });

    it("takes the user's passphrase file, and says so when it is not there", () => {
        const file = join(folder, "mine");
        const given = { ...env, PULUMI_CONFIG_PASSPHRASE_FILE: file };
        expect(() => stateEnvironment(given, true)).to.throw(
            `PULUMI_CONFIG_PASSPHRASE_FILE: ${file} does not exist`,
        );
        writeFileSync(file, "x");
        expect(stateEnvironment(given, true)?.PULUMI_CONFIG_PASSPHRASE_FILE).to.equal(file);
    });

    it("takes the user's backend before their login, and their login before its own backend", () => {
        login(`file://${folder}/theirs`);
        expect(stateEnvironment(env, true)?.PULUMI_BACKEND_URL).to.equal(`file://${folder}/theirs`);
        const given = { ...env, PULUMI_BACKEND_URL: `file://${folder}/given` };
        expect(stateEnvironment(given, true)?.PULUMI_BACKEND_URL).to.equal(`file://${folder}/given`);
    });

    it("points at a service's login where it lies, and prints no token", () => {
        login("https://pulumi.example", { "https://pulumi.example": "canary" });
        chmodSync(join(folder, "pulumi"), 0o500);
        expect(stateEnvironment(env, true)).to.deep.equal({
            PULUMI_BACKEND_URL: "https://pulumi.example",
            PULUMI_CREDENTIALS_PATH: join(folder, "pulumi"),
        });
        expect(stateEnvironment({ ...env, PULUMI_ACCESS_TOKEN: "t" }, true)).to.have.all.keys(
            "PULUMI_BACKEND_URL",
        );
    });

    const SHARED = [
        "s3://bucket?region=eu-west-1",
        "gs://bucket",
        "azblob://container",
        "postgres://pulumi@db/pulumi",
    ];

    for (const url of SHARED) {
        it(`makes up no passphrase for ${url}, which others may share, and takes the user's`, () => {
            const given = { ...env, PULUMI_BACKEND_URL: url };
            expect(() => stateEnvironment(given, true)).to.throw(
                `PULUMI_BACKEND_URL: ${url} may be shared, so no passphrase is made up for it.`,
            );
            expect(stateEnvironment({ ...given, PULUMI_CONFIG_PASSPHRASE: "p" }, true)).to.deep.equal({
                PULUMI_BACKEND_URL: url,
            });
        });
    }

    it("asks for no passphrase where a stack's secrets are under a key of a cloud", () => {
        const given = { ...env, PULUMI_BACKEND_URL: "s3://bucket" };
        writeFileSync(join(folder, "Pulumi.prod.yaml"), "secretsprovider: passphrase\n");
        expect(() => stateEnvironment(given, true)).to.throw("may be shared");
        writeFileSync(
            join(folder, "Pulumi.prod.yaml"),
            "secretsprovider: awskms://alias/pulumi?region=eu-west-1\n",
        );
        expect(stateEnvironment(given, true)).to.deep.equal({ PULUMI_BACKEND_URL: "s3://bucket" });
        const file = join(folder, "mine");
        writeFileSync(file, "x");
        expect(
            stateEnvironment({ ...given, PULUMI_CONFIG_PASSPHRASE_FILE: file }, true),
            "for the stacks that are under a passphrase",
        ).to.include({ PULUMI_CONFIG_PASSPHRASE_FILE: file });
    });
});
