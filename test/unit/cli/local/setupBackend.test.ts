import { expect } from "chai";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backendOf, masked } from "../../../../cli/local/backend";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("setup: backend", () => {
    let project: string;
    let env: NodeJS.ProcessEnv;
    temporaryFolder((folder) => {
        project = folder;
        mkdirSync(join(folder, "pulumi"));
        env = { XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder, PULUMI_HOME: join(folder, "pulumi") };
        commit("");
    });

    const commit = (more: string) => writeFileSync(join(project, "Pulumi.yaml"), `name: p\n${more}`);
    const login = (url: string) =>
        writeFileSync(join(project, "pulumi", "credentials.json"), JSON.stringify({ current: url }));
    const chosen = (more: NodeJS.ProcessEnv = {}) => backendOf({ ...env, ...more }, project);

    it("is asked for in Pulumi's order: the variable, the project, the login, then its own", () => {
        const own = `file://${project}/seismic-mlops/state`;
        expect(chosen()).to.include({ url: own, isOwn: true });
        login("s3://login");
        expect(chosen()).to.include({ url: "s3://login", isOwn: false });
        expect(chosen().source).to.equal(join(project, "pulumi", "credentials.json"));
        commit("backend:\n  url: s3://project\n");
        expect(chosen()).to.include({ url: "s3://project", source: "Pulumi.yaml: backend.url" });
        expect(chosen({ PULUMI_BACKEND_URL: "" })).to.include({ url: "s3://project" });
        expect(chosen({ PULUMI_BACKEND_URL: "s3://given" })).to.include({
            url: "s3://given",
            source: "PULUMI_BACKEND_URL",
        });
        expect(chosen({ PULUMI_BACKEND_URL: own }), "as npm run env prints it").to.include({ isOwn: true });
    });

    const WITH_PASSWORD: [string, string][] = [
        ["postgres://pulumi:s3cret@db:5432/pulumi", "postgres://pulumi:****@db:5432/pulumi"],
        [
            "postgres://pulumi:s3/c@r:et@db/pulumi?sslmode=disable",
            "postgres://pulumi:****@db/pulumi?sslmode=disable",
        ],
        ["postgres://:s3cret@db/pulumi", "postgres://:****@db/pulumi"],
        [
            "postgres://db/pulumi?user=u&password=s3cret&sslmode=require",
            "postgres://db/pulumi?user=u&password=****&sslmode=require",
        ],
    ];
    for (const [url, shown] of WITH_PASSWORD) {
        it(`refuses ${shown}, and does not say what it hides`, () => {
            const refusal = `PULUMI_BACKEND_URL: ${shown} holds a password`;
            expect(() => chosen({ PULUMI_BACKEND_URL: url }))
                .to.throw(refusal)
                .with.property("message")
                .that.matches(/PGPASSFILE/)
                .and.does.not.include("s3");
        });
    }

    it("refuses a password wherever the URL comes from", () => {
        const url = "postgres://pulumi:s3cret@db/pulumi";
        login(url);
        expect(() => chosen()).to.throw("credentials.json: postgres://pulumi:****@db/pulumi");
        commit(`backend:\n  url: ${url}\n`);
        expect(() => chosen()).to.throw("Pulumi.yaml: backend.url: postgres://pulumi:****@db/pulumi");
    });

    const WITHOUT = [
        "postgres://pulumi@db:5432/pulumi?sslmode=verify-full",
        "s3://bucket/folder?endpoint=https://minio.example:9000&region=eu-west-1&s3ForcePathStyle=true",
        "azblob://container?storage_account=mine",
        "file:///home/a:b@c/state",
        "file://~",
        "https://pulumi.example",
    ];
    for (const url of WITHOUT) {
        it(`sees no password in ${url}`, () => expect(masked(url)).to.equal(url));
    }
});
