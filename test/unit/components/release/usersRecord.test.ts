import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type Docker from "dockerode";

import { parseConfig } from "../../../../config/parse";
import type { Gateway } from "../../../../components/gateway/gateway";
import { recordUsers } from "../../../../components/release/usersRecord";
import type { ModelRegistry } from "../../../../components/registry/modelRegistry";
import type { LastUpdate } from "../../../../components/stack/stackReleases";
import { userChangesIn, userTag } from "../../../../releases/userChanges";
import { fakeExec } from "../../../support/engine/fakeExec";
import { deployment, value } from "../../../support/program/recording";

const CONFIG = parseConfig({
    ...{ environment: "dev", data: { source: "demo" }, model: { name: "M" } },
    access: { users: { ci: "caller" } },
});
const PASSWORDS = { seismic: "canary-s", ci: "canary-c" };

/** An MLflow with these tags of its model. It keeps what is asked of it. */
function registry(tags: ReadonlyMap<string, string> = new Map()) {
    const set = new Map<string, string>();
    const asked: string[] = [];
    const exec = () =>
        Promise.resolve(
            fakeExec((input) => {
                asked.push(input);
                const body = /data-raw = "(.*)"$/m.exec(input)?.[1];
                if (body !== undefined) {
                    const { key, value } = JSON.parse(JSON.parse(`"${body}"`) as string) as Record<
                        string,
                        string
                    >;
                    set.set(key!, value!);
                }
                const list = [...tags].map(([key, value]) => ({ key, value }));
                return { stdout: `${JSON.stringify({ registered_model: { tags: list } })}\n200` };
            }),
        );
    const engine = {
        listContainers: () => Promise.resolve([{ Id: "mlflow" }]),
        getContainer: () => ({ exec }),
    } as unknown as Docker;
    return { engine, asked, set };
}

describe("the record of users", () => {
    const recorded = async (
        isDryRun: boolean,
        last: LastUpdate["users"],
        tags?: ReadonlyMap<string, string>,
    ) => {
        await pulumi.runtime.setMocks(
            { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
            "seismic-mlops",
            "dev",
            isDryRun,
        );
        const mlflow = registry(tags);
        const gateway = {
            passwords: pulumi.secret(PASSWORDS),
            access: { rollout: pulumi.output({ identity: "tasks@1" }), proven: pulumi.output("access") },
        } as unknown as Gateway;
        const registered = { service: { healthy: pulumi.output("mlflow") } } as unknown as ModelRegistry;
        const roles = recordUsers({
            registry: registered,
            deployment: { ...deployment, engine: mlflow.engine },
            ...{
                config: CONFIG,
                gateway,
                model: pulumi.output({}) as never,
                last: { releases: [], users: last },
            },
        });
        expect(await value(roles)).to.deep.equal({ ci: "caller" });
        expect(await pulumi.isSecret(roles), "the output is a secret").to.equal(false);
        return mlflow;
    };

    it("is written when users change, with author, time and no password", async () => {
        const { set, asked } = await recorded(false, { roles: {}, passwords: { seismic: "canary-s" } });
        const [{ at, by, ...rest }] = userChangesIn(set) as [ReturnType<typeof userChangesIn>[number]];
        expect(rest).to.deep.equal({ what: ["added ci (caller)"], tasks: "tasks@1" });
        expect(Math.abs(Date.parse(at) - Date.now())).to.be.lessThan(60_000);
        expect(by).not.to.equal("");
        expect(asked.join()).not.to.include("canary");
    });

    it("has a new password too, of whoever made it", async () => {
        const { set } = await recorded(false, {
            roles: { ci: "caller" },
            passwords: { ...PASSWORDS, ci: "canary-before" },
        });
        expect(userChangesIn(set)[0]!.what).to.deep.equal(["new password for ci"]);
    });

    it("asks MLflow for nothing when nothing changed, and in a preview", async () => {
        expect(
            (await recorded(false, { roles: { ci: "caller" }, passwords: PASSWORDS })).asked,
        ).to.deep.equal([]);
        expect((await recorded(true, undefined)).asked).to.deep.equal([]);
    });

    it("is not written twice when an update failed after it", async () => {
        const change = { at: "2026-01-01T00:00:00.000Z", by: "ann", what: ["added ci (caller)"] };
        const again = await recorded(false, undefined, new Map([userTag({ ...change, tasks: "tasks@1" })]));
        expect([...again.set]).to.deep.equal([]);
        // The same change later is another one.
        const later = await recorded(false, undefined, new Map([userTag({ ...change, tasks: "tasks@0" })]));
        expect(userChangesIn(later.set)).to.have.length(1);
    });
});
