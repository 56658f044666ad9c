import { expect } from "chai";
import type Docker from "dockerode";

import { refuseRenamed } from "../../../../components/stack/renamedStack";
import { refuseUnshared } from "../../../../components/data/sharedFolder";
import { containerOf, pathOnMachine } from "../../../../engine/ownContainer";
import type { ReleaseRecord } from "../../../../releases/records";

const OWNER = { project: "seismic-mlops", stack: "live" };
const RECORDS = [{ version: "3" }, { version: "2" }] as ReleaseRecord[];

describe("a stack that was renamed", () => {
    const volume = (Name: string, stack: string) => ({ Name, Labels: { "seismic.stack": stack } });
    const OLD = volume("seismic-mlops-prod-mlflow", "prod");

    const refused = async (
        volumes: object[] | null,
        records: ReleaseRecord[],
        known: string[],
    ): Promise<string> => {
        const engine = { listVolumes: () => Promise.resolve({ Volumes: volumes }) } as unknown as Docker;
        const isKnown = (name: string) => Promise.resolve(known.includes(name));
        return refuseRenamed(OWNER, engine, records, isKnown).then(
            () => "",
            (error: Error) => error.message,
        );
    };

    it("is refused by the name of before, and told how to go back", async () => {
        const said = await refused([OLD, volume("seismic-mlops-dev-mlflow", "dev")], RECORDS, [
            "live",
            "dev",
        ]);
        expect(said).to.match(
            /^stack live: it has 2 releases and none [^]* seismic-mlops-prod-mlflow are of a stack prod /,
        );
        expect(said).to.contain("pulumi stack rename prod --stack live");
        expect(said).to.not.contain("-dev-");
    });

    it("is told each name that it may have had, as a stack of another backend looks the same", async () => {
        const said = await refused([OLD, volume("seismic-mlops-dev-mlflow", "dev")], RECORDS, ["live"]);
        expect(said).to.contain("pulumi stack rename prod --stack live");
        expect(said).to.contain("pulumi stack rename dev --stack live");
    });

    for (const [what, volumes, records, known] of [
        ["that is new", [OLD], [], []],
        ["that has released nothing", [OLD], [], []],
        ["whose volumes are there", [OLD, volume("seismic-mlops-live-mlflow", "live")], RECORDS, []],
        ["beside others that are there", [OLD], RECORDS, ["prod"]],
        ["on an engine of its own", null, RECORDS, []],
        ["beside another project's", [volume("churn-prod-mlflow", "prod")], RECORDS, []],
    ] as const) {
        it(`is not taken for one ${what}`, async () => {
            expect(await refused(volumes && [...volumes], records && [...records], [...known])).to.equal("");
        });
    }
});

describe("a container that deploys to its own engine", () => {
    const ID = "0123456789abcdef".repeat(4);
    const MOUNTINFO = [
        "812 795 0:52 / / rw,relatime master:353 - overlay overlay rw",
        `826 812 254:1 /var/lib/docker/containers/${ID}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw`,
        `827 812 254:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw`,
    ].join("\n");

    it("is known by the files that the engine mounts into each", () => {
        expect(containerOf(MOUNTINFO)).to.equal(ID);
        expect(containerOf("26 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw")).to.equal(undefined);
    });

    it("shares what is mounted under the same path; the nearest mount counts", () => {
        const mounts = [
            { Source: "/srv", Destination: "/srv" },
            { Source: "/home/ci/data", Destination: "/srv/data" },
        ];
        expect(pathOnMachine("/srv/x", mounts)).to.equal("/srv/x");
        expect(pathOnMachine("/srv/data/a", mounts)).to.equal("/home/ci/data/a");
        expect(pathOnMachine("/srvother", mounts)).to.equal(undefined);
    });

    const asked = (mounts: object[], local = true) => {
        const inspect = () => Promise.resolve({ Mounts: mounts });
        const engine = { getContainer: () => ({ inspect }) } as unknown as Docker;
        return refuseUnshared({ source: "folder", path: "/work/data" }, engine, local, MOUNTINFO).then(
            () => "",
            (error: Error) => error.message,
        );
    };

    it("is refused a folder that the engine's machine does not have there, and told why", async () => {
        expect(await asked([])).to.match(
            /^data.path: \/work\/data is a folder of the container .* no such folder/,
        );
        expect(await asked([{ Source: "/home/ci/work", Destination: "/work" }])).to.contain(
            "its machine has it at /home/ci/work/data",
        );
    });

    it("may give a folder that is the same on both, or of an engine elsewhere", async () => {
        expect(await asked([{ Source: "/work", Destination: "/work" }])).to.equal("");
        expect(await asked([], false)).to.equal("");
    });

    it("is asked about only where the engine knows it", async () => {
        const gone = () => Promise.reject(Object.assign(new Error("no such container"), { statusCode: 404 }));
        const engine = { getContainer: () => ({ inspect: gone }) } as unknown as Docker;
        await refuseUnshared({ source: "folder", path: "/work/data" }, engine, true, MOUNTINFO);
    });
});
