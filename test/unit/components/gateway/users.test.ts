import { createHash } from "node:crypto";

import { expect } from "chai";

import { passwordName, renderUsers } from "../../../../components/gateway/users";

describe("the gateway's users", () => {
    const text = renderUsers(
        { ops: "operator", ci: "caller" },
        { ops: "p-ops", ci: "p-ci", seismic: "p-seismic" },
    );

    it("are found by the hash of the password, with rank, role and name, sorted", () => {
        const hash = (password: string) => createHash("sha256").update(password).digest("hex");
        expect(text).to.equal(
            `${hash("p-ci")} 1:caller:ci\n${hash("p-ops")} 3:operator:ops\n${hash("p-seismic")} 4:admin:seismic\n`,
        );
    });

    it("leave no password in the file", () => {
        expect(text).not.to.match(/p-/);
    });

    it("keep the resource of the password that stacks have from earlier releases", () => {
        expect(passwordName("gateway", "seismic")).to.equal("gateway-password");
        expect(passwordName("gateway", "ci")).to.equal("gateway-password-ci");
    });
});
