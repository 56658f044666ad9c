import { settled, wordsOf } from "./commandWords";
import { blocksOf, commandsOf, documents, readDocument } from "./documents";

/** A command of a page. If a line joins several commands, each is one. */
export interface Documented {
    page: string;
    heading: string;
    command: string;
}

/** Commands that no test runs, and the reasons. The pages also say so. */
export const UNTESTED: readonly { command: RegExp; because: string }[] = [
    { command: /^npm (test\b|run mlops -- test)/, because: "it is what runs the tests" },
    {
        command: /^npm run (mlops -- )?check/,
        because: "it runs those tests that a change of the checkout can break",
    },
    {
        command: /^npm run (mlops -- )?trainer (-- )?check /,
        because:
            "it installs the packages of a lock on Python 3.13; test/bench/trainerCheck.test.ts runs it by night",
    },
    {
        command: /^npm run mlops -- nodes prepare /,
        because: "it needs several engines; test/nodes/stack.test.ts runs it by night",
    },
    {
        command: /^aws s3api /,
        because: "there is no AWS here; the backend is tested with a server that speaks S3",
    },
    {
        command: /^create(user|db) /,
        because: "it is PostgreSQL's own; the tests make user and database by a Dockerfile",
    },
    {
        command: /^export PULUMI_/,
        because: "the places are examples; test/e2e/backends.test.ts sets its own",
    },
    {
        command:
            /^(KEY=|echo "secretsprovider: |pulumi stack (change-secrets-provider|init prod --secrets-provider) |git add )/,
        because: "there is no key service here",
    },
];

/** All commands that a reader of the pages types. */
export function documentedCommands(pages: readonly string[] = documents()): Documented[] {
    return pages.flatMap((page) =>
        blocksOf(readDocument(page))
            .filter(({ language }) => language === "sh")
            .flatMap((block) =>
                commandsOf(block)
                    .flatMap((line) => line.split(" && "))
                    .map((command) => ({ page, heading: block.heading, command })),
            ),
    );
}

/** The commands that need a test and that no test ran. */
export function notRun(documented: readonly Documented[], ran: ReadonlySet<string>): Documented[] {
    return documented.filter(({ command }) => !isUntested(command) && !isRun(command, ran));
}

/** The commands that a test ran although the list says that none does. */
export function runAfterAll(documented: readonly Documented[], ran: ReadonlySet<string>): Documented[] {
    return documented.filter(({ command }) => isUntested(command) && isRun(command, ran));
}

function isUntested(text: string): boolean {
    return UNTESTED.some(({ command }) => command.test(text));
}

function isRun(command: string, ran: ReadonlySet<string>): boolean {
    return ran.has(settled(wordsOf(command)));
}
