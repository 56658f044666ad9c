import { expect } from "chai";

import { checkOf } from "../../../contract/checks";
import contract from "../../../contract/trainer.schema.json";
import { declaredBy } from "../../support/program/program";

const { trainingVariables, servingVariables, statusVariables, retrainingVariables } = contract.$defs;

/** A stack with every process of a trainer. */
const CONFIG = {
    "seismic-mlops:environment": "dev",
    "seismic-mlops:statusPage": "true",
    "seismic-mlops:monitoring": JSON.stringify({ enabled: true }),
    "seismic-mlops:retraining": JSON.stringify({ onDrift: true, schedule: "0 3 * * *" }),
    "seismic-mlops:summary": JSON.stringify({ enabled: true }),
    "seismic-mlops:trainer": JSON.stringify({ settings: { inlineByte: 189 } }),
};

/** The processes of a trainer by their modules, and the names that the contract has for their variables. */
const PROCESSES: Readonly<Record<string, readonly [Parameters<typeof checkOf>[0], object]>> = {
    train: ["trainingVariables", trainingVariables.properties],
    serving: ["servingVariables", servingVariables.properties],
    status: ["statusVariables", statusVariables.properties],
    retraining: [
        "retrainingVariables",
        { ...trainingVariables.properties, ...retrainingVariables.properties },
    ],
};

describe("the variables that the program gives", () => {
    let given: Map<string, Record<string, string>>;

    before(async function () {
        this.timeout("30s");
        given = new Map();
        for (const { type, props } of await declaredBy(CONFIG)) {
            const [module, variables] = ofTrainer(type, props);
            if (module !== undefined) {
                given.set(module, variables);
            }
        }
    });

    for (const [module, [definition, names]] of Object.entries(PROCESSES)) {
        it(`are the contract's: ${module}`, () => {
            const variables = given.get(module)!;
            expect(Object.keys(names)).to.include.members(Object.keys(variables));
            expect(checkOf(definition).safeParse(variables).error?.issues ?? []).to.deep.equal([]);
        });
    }

    it("have the alert that starts a retraining by default", () => {
        const { RETRAIN_ALERTS } = retrainingVariables.properties;
        expect(given.get("retraining")?.RETRAIN_ALERTS).to.equal(RETRAIN_ALERTS.default);
    });
});

/** The module that a container or a service runs, if it is one of a trainer, and its variables. */
function ofTrainer(type: string, props: unknown): [module: string | undefined, Record<string, string>] {
    const {
        envs = [],
        command = [],
        taskSpec,
    } = props as {
        envs?: string[];
        command?: string[];
        taskSpec?: { containerSpec: { commands?: string[] } };
    };
    const words = taskSpec?.containerSpec.commands ?? command;
    const module = /^seismic\.(\w+)$/.exec(words.at(-1) ?? "")?.[1];
    const pairs = type.endsWith(":Service") ? words.filter((it) => /^[A-Z_0-9]+=/.test(it)) : envs;
    return [
        module,
        Object.fromEntries(pairs.map((it) => it.split(/=(.*)/s).slice(0, 2) as [string, string])),
    ];
}
