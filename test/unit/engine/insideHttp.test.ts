import { expect } from "chai";
import type Docker from "dockerode";

import { InsideHttp, NoAnswer } from "../../../engine/streams/insideHttp";
import { RegisteredModel, RegistryRefused } from "../../../components/registry/mlflow";
import { fakeExec, Said } from "../../support/engine/fakeExec";

/** A container with commands that answer their input. It keeps the requests. */
function inside(answer: (input: string) => Said) {
    const asked: { command: string[]; input: string }[] = [];
    const exec = ({ Cmd }: { Cmd: string[] }) =>
        Promise.resolve(
            fakeExec((input) => {
                asked.push({ command: Cmd, input });
                return answer(input);
            }),
        );
    const engine = { getContainer: () => ({ exec }) } as unknown as Docker;
    return { http: new InsideHttp(engine, "c".repeat(64)), asked };
}

describe("requests from within a network", () => {
    it("are told to curl by standard input alone, quoted", async () => {
        const { http, asked } = inside(() => ({ stdout: '{"a":\n1}\n201' }));
        const credentials = { username: "ann", password: 'p"\\w' };
        const answer = await http.request({
            method: "POST",
            url: "http://x/",
            json: { b: '"\n' },
            credentials,
        });
        expect(answer).to.deep.equal({ status: 201, body: '{"a":\n1}' });
        expect(asked[0]!.command.slice(-3)).to.deep.equal(["curl", "--config", "-"]);
        expect(asked[0]!.input.split("\n")).to.include.members([
            "request = POST",
            'url = "http://x/"',
            'user = "ann:p\\"\\\\w"',
            'data-raw = "{\\"b\\":\\"\\\\\\"\\\\n\\"}"',
        ]);
    });

    it("say why no answer came", async () => {
        const { http } = inside(() => ({ stderr: "curl: (7) refused\n", exitCode: 7 }));
        const failure = await http.request({ url: "http://x/" }).catch((error: unknown) => error);
        expect(failure)
            .to.be.instanceOf(NoAnswer)
            .with.property("message", "GET http://x/: curl: (7) refused");
        expect(await http.tryRequest({ url: "http://x/" })).to.equal(undefined);
    });

    it("find the addresses of a name", async () => {
        const { http } = inside(() => ({
            stdout: "10.0.1.4 STREAM serving\n10.0.1.4 DGRAM\n10.0.1.3 STREAM\n",
        }));
        expect(await http.addresses("serving")).to.deep.equal(["10.0.1.3", "10.0.1.4"]);
    });

    describe("to MLflow", () => {
        const model = (status: number, body: unknown) => {
            const { http, asked } = inside(() => ({ stdout: `${JSON.stringify(body)}\n${status}` }));
            return { model: new RegisteredModel(http, "M"), asked };
        };
        const failure = (code: string, message: string) => ({ error_code: code, message });

        it("tell of a version with its tags", async () => {
            const body = { model_version: { version: "3", tags: [{ key: "gate", value: "passed" }] } };
            const version = await model(200, body).model.version("3");
            expect(version).to.deep.include({ version: "3", current_stage: "None", status: "READY" });
            expect(version!.tags.get("gate")).to.equal("passed");
        });

        it("take a version, an alias and an artifact that are not there for none", async () => {
            const missing = failure("RESOURCE_DOES_NOT_EXIST", "not found");
            expect(await model(404, missing).model.version("9")).to.equal(undefined);
            const alias = failure("INVALID_PARAMETER_VALUE", "Registered model alias champion not found.");
            expect(await model(400, alias).model.aliased("champion")).to.equal(undefined);
            expect(await model(404, missing).model.artifact("r", "x.json")).to.equal(undefined);
            expect([...(await model(404, missing).model.tags())]).to.deep.equal([]);
        });

        it("fail where something is set that is not there, and when MLflow itself fails", async () => {
            const missing = failure("RESOURCE_DOES_NOT_EXIST", "no version 9");
            const refused = await model(404, missing)
                .model.setAlias("champion", "9")
                .catch((error: unknown) => error);
            expect(refused)
                .to.be.instanceOf(RegistryRefused)
                .with.property("message")
                .that.includes("no version 9");
            const broken = await model(500, failure("INTERNAL_ERROR", "no database"))
                .model.version("1")
                .catch((error: unknown) => error);
            expect(broken)
                .to.be.instanceOf(NoAnswer)
                .with.property("message", "MLflow fails (500): no database");
        });

        it("archive what had the stage before", async () => {
            const { model: registered, asked } = model(200, {});
            await registered.setStage("3", "Production");
            expect(asked[0]!.input).to.include("model-versions/transition-stage");
            expect(asked[0]!.input).to.include('\\"archive_existing_versions\\":true');
        });
    });
});
