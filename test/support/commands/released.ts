import { CommandProject } from "./project";
import { OUTPUTS, recordOf } from "./records";

/** A project, and its two commits. */
export interface Released {
    project: CommandProject;
    commits: [a: string, b: string];
}

/**
 * Gives a suite a project. Its staging and prod have served both of its commits. Each test starts with the same
 * project.
 */
export function releasedProject(take: (made: Released) => void): void {
    let project: CommandProject;
    let commits: Released["commits"];
    before(() => {
        project = new CommandProject();
        commits = [project.head(), project.write("note.txt", "b")];
        take({ project, commits });
    });
    after(() => project.remove());
    beforeEach(() => {
        const [a, b] = commits;
        for (const name of ["prod", "staging"]) {
            project.stack(name, [recordOf(b, { version: "2" }), recordOf(a)]);
        }
        project.program(
            `return { outputs: { ...${JSON.stringify(OUTPUTS)}, ran: { kind, config, reason } } };`,
        );
        project.calls();
    });
    afterEach(() => project.restore("Pulumi.prod.yaml"));
}
