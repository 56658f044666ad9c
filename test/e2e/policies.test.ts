import { expect } from "chai";

import { POLICIES } from "../../policy/policies";
import { fails, succeeds } from "../support/expectations";
import type { Config, TestStack } from "../support/stack/stack";
import { suiteStack } from "../support/stack/suite";

/** One edit of the program: the refusing policy, the resource, the file, the old text and the new text. */
type Edit = [policy: string, resource: RegExp, file: string, from: string, to: string];

const EDITS: Edit[] = [
    [
        "gateway-only",
        /registry-service: endpointSpec\.ports\[0\]: got 15000;/,
        "components/registry/modelRegistry.ts",
        "limits: args.config.limits,",
        "limits: args.config.limits, ports: [{ published: 15000, target: REGISTRY_PORT }],",
    ],
    [
        "pinned-images",
        /serving-service: taskSpec\.containerSpec\.image: got seismic-mlops\/trainer:latest,/,
        "components/serving/modelServing.ts",
        "image: args.image.reference,",
        'image: "seismic-mlops/trainer:latest",',
    ],
    [
        "no-root",
        /gateway-service: taskSpec\.containerSpec\.user: got root;/,
        "components/gateway/gateway.ts",
        'command: ["front", CONFIG_FILE],',
        'command: ["front", CONFIG_FILE], user: "root",',
    ],
    [
        "no-engine-socket",
        /registry-service: taskSpec\.containerSpec\.mounts\[1\]: got \/var\/lib\/\.\.\/run,/,
        "components/registry/modelRegistry.ts",
        "...backend.mounts,",
        '{ kind: "host", path: "/var/lib/../run", target: "/host", readOnly: true }, ...backend.mounts,',
    ],
    [
        "host-folders",
        /registry-service: taskSpec\.containerSpec\.mounts\[1\]: got \/etc,/,
        "components/registry/modelRegistry.ts",
        "...backend.mounts,",
        '{ kind: "host", path: "/etc", target: "/host", readOnly: true }, ...backend.mounts,',
    ],
    [
        "known-fields",
        /-training: pidMode: got host;/,
        "components/training/trainingRun.ts",
        "attach: true,",
        'attach: true, pidMode: "host",',
    ],
    [
        "no-privileges",
        /-training: privileged: got true;/,
        "components/training/trainingRun.ts",
        "attach: true,",
        "attach: true, privileged: true,",
    ],
    [
        "dropped-capabilities",
        /-training: capabilities\.drops: got nothing;/,
        "components/training/trainingRun.ts",
        "...CONFINED_CONTAINER,",
        "...CONFINED_CONTAINER, capabilities: undefined,",
    ],
    [
        "read-only-root",
        /-training: readOnly: got false;/,
        "components/training/trainingRun.ts",
        "...CONFINED_CONTAINER,",
        "...CONFINED_CONTAINER, readOnly: false,",
    ],
    [
        "memory-limits",
        /gateway-service: taskSpec\.resources\.limits\.memoryBytes: got nothing;/,
        "components/service/bounds.ts",
        "const memory = ELSEWHERE[role];",
        'const memory = role === "gateway" ? undefined : ELSEWHERE[role];',
    ],
    [
        "no-plain-secrets",
        /registry-service: DATABASE_PASSWORD: got a value in plain,/,
        "components/registry/modelRegistry.ts",
        "env: {",
        'env: { DATABASE_PASSWORD: "hunter2",',
    ],
];

/** Only a stack of prod is refused this. */
const IN_PROD: Edit = [
    "prod-limits",
    /gateway-service: taskSpec\.resources\.limits\.memoryBytes: got nothing;/,
    "components/service/bounds.ts",
    'gateway: { cpus: 1, memory: "512m" }',
    "gateway: { cpus: 1 } as Required<Resources>",
];

describe("policies, by the CLI", () => {
    let stack: TestStack;
    suiteStack((made) => {
        stack = made;
    });

    const preview = () => stack.preview("--policy-pack", "policy");
    const edited = async (file: string, from: string, to: string, work: () => Promise<void>) => {
        const text = stack.project.read(file);
        expect(text.split(from), `${file}: ${from}`).to.have.length(2);
        stack.project.edit(file, text.replace(from, to));
        try {
            await work();
        } finally {
            stack.project.edit(file, text);
        }
    };

    /**
     * The unchanged program passes. For the edited one, the pack's refusal names the policy, the resource and the
     * value.
     */
    const refused = ([policy, resource, file, from, to]: Edit, command = preview) =>
        // If somebody removes the policies from the program, the pack still refuses.
        edited("index.ts", "    applyPolicies();\n", "", () =>
            edited(file, from, to, async () => {
                const ended = await command();
                fails(ended, `[mandatory]  ${policy}`, resource);
                expect(ended.output.match(/\[mandatory\]/g), ended.output).to.have.length(1);
                expect(ended.output).not.to.include("hunter2");
            }),
        );

    describe("in dev", () => {
        before(() => stack.configure());

        it("pass the program", async () => {
            const ended = await preview();
            succeeds(ended);
            expect(ended.output).to.match(/seismic-mlops@v[\d.]+ \(local: policy\)/);
        });
        for (const edit of EDITS) {
            it(`refuse an edit against ${edit[0]}`, () => refused(edit));
        }
        it("are the program's own as well, for a plain preview", () => {
            const [policy, resource, file, from, to] = EDITS.find(([name]) => name === "known-fields")!;
            return edited(file, from, to, async () => {
                const ended = await stack.preview();
                fails(ended, `policy ${policy}: `, resource);
                expect(ended.output).not.to.include("[mandatory]");
            });
        });
    });

    it("are applied by npm run deploy, which is asked for nothing of the kind", () => {
        stack.configure();
        return refused(EDITS[0]!, () => stack.script("deploy", "--stack", stack.name, "--dry-run"));
    });

    describe("in prod", () => {
        before(() => stack.configure(prod(stack)));

        it("pass the program", async () => succeeds(await preview()));
        it(`refuse an edit against ${IN_PROD[0]}`, () => refused(IN_PROD));
    });

    it("are each tried here", () => {
        expect([...EDITS, IN_PROD].map(([policy]) => policy)).to.have.members(
            POLICIES.map(({ name }) => name),
        );
    });
});

/** A configuration of prod that needs no other stack. */
function prod({ ports, project }: TestStack): Config {
    const limits = { cpus: 1, memory: "1g" };
    return {
        ...{ environment: "prod", promoteFrom: "none", release: project.head() },
        mlflow: { port: ports.mlflow, limits },
        training: { limits },
        serving: { port: ports.api, limits },
        monitoring: { port: ports.prometheus, alertmanagerPort: ports.alertmanager },
        statusPage: true,
        tls: { selfSigned: true },
    };
}
