import { execFileSync } from "node:child_process";
import { connect, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";

import { expect } from "chai";

describe("unit tests", () => {
    it("have a home, an environment and a git configuration that are nobody's", () => {
        expect(homedir()).to.match(new RegExp(`^${tmpdir()}/seismic-home-`));
        const left = Object.keys(process.env).filter((name) =>
            /^(DOCKER|PULUMI|GITHUB|GITLAB|XDG_(CACHE|DATA|CONFIG)|PG|AWS|npm_|SSH)/.test(name),
        );
        expect(left).to.deep.equal([]);
        const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8", cwd: tmpdir() });
        expect(git("config", "user.name").trim()).to.equal("unit");
    });

    it("get no port that the machine did not give them", async () => {
        const server = createServer();
        const listen = (port: number) => new Promise<void>((listens) => server.listen(port, listens));
        expect(() => server.listen(5000, "0.0.0.0")).to.throw("asks this machine for port 5000");
        expect(() => server.listen({ port: 8000 })).to.throw("asks this machine for port 8000");
        await listen(0);
        await new Promise((closed) => server.close(closed));
    });

    for (const path of ["/var/run/docker.sock", "/run/user/1000/docker.sock"]) {
        it(`do not reach ${path}`, () => {
            expect(() => connect(path)).to.throw(`asks ${path}, which is this machine's`);
            expect(() => connect({ path })).to.throw(`asks ${path}, which is this machine's`);
        });
    }
});
