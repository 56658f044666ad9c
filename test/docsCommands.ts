/** What sees to it that the commands of the pages work. */

/** A page, or the part of it below one heading, whose commands a test (docs, environments) types word for word. */
export interface Typed {
    page: string;
    heading?: string;
}

export const QUICK_START: Typed = { page: "docs/quick-start.md" };
export const PROMOTION: Typed = { page: "docs/promotion.md", heading: "A worked example" };
export const ANOTHER_STACK: Typed = { page: "docs/environments.md", heading: "Another stack" };
export const TYPED: readonly Typed[] = [QUICK_START, PROMOTION, ANOTHER_STACK];

/** Commands of other pages, the test (or the page that one types) that runs the same, and what runs it there. */
export interface Tested {
    command: RegExp;
    test: string;
    text: string;
}

const STACK = "[\\w-]+";
const starting = (command: string, test: string, text: string): Tested => ({
    command: new RegExp(`^${command}$`),
    test,
    text,
});
const e2e = (name: string) => `test/e2e/${name}.ts`;
/** Runs a script's main over a fake Pulumi, and sees what it changed and what it did not. */
const command = (name: string) => `test/unit/commands/${name}.test.ts`;

export const TESTED: readonly Tested[] = [
    starting("npm start", QUICK_START.page, "npm start"),
    starting(`npm start -- --stack ${STACK}`, PROMOTION.page, "npm start -- --stack staging"),
    starting('eval "\\$\\(npm run -s env\\)"', QUICK_START.page, 'eval "$(npm run -s env)"'),
    starting("npm run setup", e2e("pipeline.test"), "have no step that was not run"),
    starting("npm run doctor", e2e("doctor.test"), "scripts/doctor.ts"),
    starting("pulumi config (set|rm) .*", "test/unit/docs.test.ts", "configuredBy"),

    starting(`pulumi stack init ${STACK}`, e2e("stack"), '"stack", "init"'),
    starting(`pulumi preview --stack ${STACK}`, e2e("stack"), '"preview", "--stack"'),
    starting(`pulumi up --stack ${STACK}`, PROMOTION.page, "pulumi up --stack prod"),
    starting(`pulumi stack output --stack ${STACK}`, e2e("stack"), '"output",'),
    starting(`pulumi destroy --stack ${STACK}`, QUICK_START.page, "pulumi destroy --stack dev"),
    starting(`pulumi state unprotect --all --stack ${STACK}`, e2e("stack"), '"unprotect", "--all"'),
    starting(`pulumi cancel --stack ${STACK}`, e2e("backends.test"), '"cancel"'),
    starting(`pulumi stack history --stack ${STACK}`, PROMOTION.page, `pulumi stack history --stack prod`),
    starting(
        `pulumi (preview|up) --policy-pack policy --stack ${STACK}`,
        e2e("policies.test"),
        "--policy-pack",
    ),
    starting(`pulumi stack export --stack ${STACK} --file .*`, e2e("backends.test"), '"export", "--stack"'),
    starting(
        `pulumi stack import --stack ${STACK} --file ${STACK}.json`,
        e2e("backends.test"),
        '"import", "--stack"',
    ),
    starting(`pulumi stack rm --yes ${STACK}`, e2e("stack"), '"stack", "rm", "--yes"'),

    starting("perl -pi -e .*churn.*", e2e("operations.test"), "renameByTheGuide"),

    starting("npm run promote -- --from staging --to prod", PROMOTION.page, "npm run promote --"),
    starting("npm run rollback -- --stack prod", e2e("environments.test"), "trio.rollback("),
    starting(
        "npm run rollback -- --stack prod --yes",
        PROMOTION.page,
        "npm run rollback -- --stack prod --why",
    ),
    starting(
        "npm run rollback -- --stack prod --to REF --yes",
        e2e("environments.test"),
        'rollback("--to", commits[1]!, "--yes")',
    ),
    starting("npm run rollback -- --stack prod --list", command("release"), 'rollback("--list")'),
    starting("npm run history -- --stack prod", PROMOTION.page, "npm run history -- --stack prod"),
    starting(
        `npm run verify -- --stack ${STACK}`,
        e2e("environments.test"),
        'script("verify", "--stack", trio.prod.name)',
    ),
    starting(`npm run verify -- --stack ${STACK} --no-retrain`, PROMOTION.page, "--no-retrain"),
    starting("npm run deploy -- --env staging", e2e("staging.test"), 'script("deploy", "--env"'),
    starting(
        "npm run deploy -- --env staging --skip-training",
        e2e("staging.test"),
        'deploy("--skip-training")',
    ),
    starting("npm run deploy -- --env dev --dry-run", command("preview"), '"--env", "dev", "--dry-run"'),
    starting(
        "npm run deploy -- --env production --promote-from staging",
        e2e("staging.test"),
        "--promote-from",
    ),
    starting(
        "npm run review -- --stacks staging,prod",
        command("preview"),
        'run("review", "--stacks", "staging,prod")',
    ),
    starting("npm run drift -- --stack prod", command("preview"), 'run("drift", "--stack"'),
    starting("git diff Pulumi.prod.yaml", PROMOTION.page, "git diff Pulumi.prod.yaml"),

    starting("npm run backup -- --stack prod --to backups", e2e("operations.test"), 'run("backup", "--to"'),
    starting(
        "npm run restore -- --stack prod --from \\S+( --overwrite)?",
        e2e("operations.test"),
        'run("restore", "--from"',
    ),
    starting("npm run rotate -- --stack prod", e2e("operations.test"), 'run("rotate")'),
    starting("npm run prune -- --stack prod", e2e("operations.test"), 'run("prune")'),
    starting("npm run prune -- --stack prod --yes", e2e("operations.test"), 'run("prune", "--yes")'),
    starting("npm run prune -- --all", e2e("operations.test"), '"prune", "--all"'),

    starting("URL=http://localhost:8080 +AUTH=user:password", QUICK_START.page, 'AUTH="seismic:'),
    starting('curl -u "\\$AUTH" "\\$URL/predict" .*', QUICK_START.page, '"$API/predict"'),
    starting(
        'curl -u "\\$AUTH" "\\$URL/batch_predict" .*@traces.json',
        "trainer/tests/serving/test_serving_predict.py",
        "/batch_predict",
    ),
    starting(
        'curl -u "\\$AUTH" "\\$URL/batch_predict" .*@line.sgy -o classes.csv',
        "trainer/tests/serving/test_serving_upload.py",
        "/batch_predict",
    ),
];

/** Commands that no test runs, and why. A page says the same of them. */
export const UNTESTED: readonly { command: RegExp; because: string }[] = [
    { command: /^npm test$/, because: "it is what runs the tests" },
    {
        command: /^aws s3api /,
        because: "there is no AWS here; the backend is tested with a server that speaks S3",
    },
    {
        command: /^createuser .*createdb /,
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
