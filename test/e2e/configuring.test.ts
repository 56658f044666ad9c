import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { parseTexts } from "../../config/parse";
import { SECRET_KEYS } from "../../config/secrets";
import { PROJECT } from "../../cli/local/paths";
import { documentedCommands } from "../support/pages/documentedCommands";
import { typed } from "../support/ran";
import { committedText } from "../support/program/stackFiles";
import { TestProject } from "../support/stack/project";
import { Shell } from "../support/pages/shell";

const MINUTE = 60_000;
const CONFIGURES = "pulumi config ";
/** The stacks that pages name, and the beginnings of their files. */
const STACKS: Readonly<Record<string, string>> = {
    staging: committedText("Pulumi.staging.yaml"),
    "staging-eu": committedText("Pulumi.staging.yaml"),
    prod: committedText("Pulumi.prod.yaml"),
    wine: "config: {}\n",
    dev: committedText("Pulumi.dev.yaml"),
};
/** A command without a stack means the stack that was made last. */
const SELECTED = "dev";

type Values = Record<string, { value: string; secret: boolean }>;

/** Types the pages' settings word for word into Pulumi itself, in its own state, without an engine. */
describe("the configuration that pages have a reader set", function () {
    this.timeout(2 * MINUTE);
    let project: TestProject;
    let shell: Shell;
    let state: string;

    before(async () => {
        project = new TestProject();
        state = mkdtempSync(join(tmpdir(), "seismic-state-"));
        const variables = { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "e2e" };
        shell = new Shell(project.folder, variables);
        for (const [name, text] of Object.entries(STACKS)) {
            project.edit(fileOf(name), text);
            await shell.run(`pulumi stack init ${name}`);
            project.track(fileOf(name), name);
        }
    });
    after(() => {
        shell.close();
        rmSync(state, { recursive: true });
        project.remove();
    });

    /** The stacks' files as they were before a heading's commands. */
    const texts = new Map<string, string>();
    afterEach(() => {
        texts.forEach((text, stack) => project.edit(fileOf(stack), text));
        texts.clear();
    });

    const configured = async (stack: string) => {
        const output = await shell.run(`pulumi config --json --show-secrets --stack ${stack}`);
        return JSON.parse(output) as Values;
    };

    for (const [where, commands] of byHeading()) {
        it(`is accepted, and each command changes what it names alone: ${where}`, async () => {
            const values = new Map<string, Values>();
            for (const command of commands) {
                if (!command.startsWith(CONFIGURES)) {
                    // A command is typed after the earlier settings.
                    values.forEach(expectAccepted);
                    continue;
                }
                const stack = / --stack (\S+)/.exec(command)?.[1] ?? SELECTED;
                texts.set(stack, texts.get(stack) ?? project.read(fileOf(stack)));
                const earlier = values.get(stack) ?? (await configured(stack));
                await shell.run(command);
                const later = await configured(stack);
                expect(differences(earlier, later), command).to.deep.equal([keyOf(command)]);
                values.set(stack, later);
                typed([command]);
            }
            values.forEach(expectAccepted);
            const status = project.status().split("\n");
            const changed = status.map((line) => line.trim()).filter((line) => line !== "");
            expect([...texts.keys()].map((stack) => `M ${fileOf(stack)}`)).to.include.members(changed);
        });
    }
});

/** Checks that the program accepts a stack's configuration, and that only secrets are secret in it. */
function expectAccepted(values: Values, stack: string): void {
    const given = Object.entries(values).map(([key, { value }]) => [key, value] as const);
    // Before the first promotion, nothing is pinned.
    const release = stack === "prod" ? [[`${PROJECT}:release`, "v1"] as const] : [];
    parseTexts(Object.fromEntries([...release, ...given]), PROJECT);
    const secrets = Object.keys(values).filter((key) => values[key]!.secret);
    expect(SECRET_KEYS.map((key) => `${PROJECT}:${key}`)).to.include.members(secrets);
}

function fileOf(stack: string): string {
    return `Pulumi.${stack}.yaml`;
}

/** The commands of each heading that sets something. */
function byHeading(): [where: string, commands: string[]][] {
    const all = new Map<string, string[]>();
    for (const { page, heading, command } of documentedCommands()) {
        const where = `${page}, ${heading}`;
        all.set(where, [...(all.get(where) ?? []), command]);
    }
    return [...all].filter(([, commands]) => commands.some((it) => it.startsWith(CONFIGURES)));
}

/** The full name of the key that a command sets or removes, wholly or in part. */
function keyOf(command: string): string {
    const key = /^pulumi config (?:set|rm) (?:--(?:path|secret) )*([\w:]+)/.exec(command)?.[1] ?? command;
    return key.includes(":") ? key : `${PROJECT}:${key}`;
}

function differences(earlier: Values, later: Values): string[] {
    const keys = new Set([...Object.keys(earlier), ...Object.keys(later)]);
    return [...keys].filter((key) => JSON.stringify(earlier[key]) !== JSON.stringify(later[key]));
}
