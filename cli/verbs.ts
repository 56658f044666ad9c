/** All verbs of the command line, in the order in which a person needs them. */
import { backup } from "./commands/backup";
import { check } from "./commands/check";
import { comment } from "./commands/comment";
import { connect } from "./commands/connect";
import { deploy } from "./commands/deploy";
import { doctor } from "./commands/doctor";
import { drift } from "./commands/drift";
import { env } from "./commands/env";
import { history } from "./commands/history";
import { logs } from "./commands/logs";
import { nodes } from "./commands/nodes";
import { patch } from "./commands/patch";
import { promote } from "./commands/promote";
import { propose } from "./commands/propose";
import { prune } from "./commands/prune";
import { pulumi } from "./commands/pulumi";
import { restore } from "./commands/restore";
import { review } from "./commands/review";
import { rollback } from "./commands/rollback";
import { rotate } from "./commands/rotate";
import { scan } from "./commands/scan";
import { setup } from "./commands/setup";
import { start } from "./commands/start";
import { test } from "./commands/test";
import { trainer } from "./commands/trainer";
import { user } from "./commands/user";
import { verify } from "./commands/verify";
import type { Verb } from "./terminal/verb";

export const VERBS: readonly Verb[] = [
    start,
    setup,
    doctor,
    env,
    pulumi,
    deploy,
    promote,
    rollback,
    history,
    logs,
    verify,
    drift,
    nodes,
    backup,
    restore,
    user,
    rotate,
    prune,
    patch,
    review,
    comment,
    propose,
    connect,
    trainer,
    scan,
    check,
    test,
];
