import { verb } from "../terminal/verb";
import { STACK } from "../terminal/words";

export const logs = verb({
    name: "logs",
    summary: "Shows who asked the gateway for what, or the output of one of the stack's services",
    changes: "nothing",
    more: [
        "Without --service, each line is a request to the gateway. The engine keeps three files of 10 MB for each task,",
        "and the last tasks that ended. With npm run -s, npm itself prints nothing.",
    ].join("\n"),
    examples: [
        "--stack prod --last 10m",
        "--stack prod --follow --user ci",
        "--stack prod --status 5xx --json",
        "--stack prod --service serving",
    ],
    options: {
        stack: STACK,
        service: {
            value: "ROLE",
            says: "the output of this service as it is, such as serving, mlflow or access; without it, the access log",
        },
        follow: { says: "goes on with new lines, also of tasks that an update begins, until Ctrl-C" },
        user: { value: "NAME", says: "only requests of this user" },
        status: { value: "CODE", says: "only requests with this status: 404, or 5xx for 500 to 599" },
        last: { value: "DURATION", says: "only lines of the last 30s, 10m, 2h" },
        json: { says: "prints each request as JSON, a line each" },
    },
    run: async (given) => (await import("../work/logs")).logs(given),
});
