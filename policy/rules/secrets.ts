import { allTexts, at, type Declared, textEntries, texts } from "../declared";
import { isExempt } from "../exemptions";
import type { Rule } from "../rule";
import { taskOf } from "../tasks";

/** A file that is no secret. Its content is given in base64. */
const CONFIG = "docker:index/serviceConfig:ServiceConfig";
/** A name with one of these words belongs to a secret. */
const SECRET_WORDS = new Set([
    ...["APIKEY", "CREDENTIAL", "CREDENTIALS", "KEY", "PASS", "PASSPHRASE", "PASSWD", "PASSWORD"],
    ...["SECRET", "SECRETS", "TOKEN", "TOKENS"],
]);
/** A name with one of these words belongs to no secret. */
const OTHERS = new Set(["PUBLIC"]);
/** The last word of a variable's name when its value is the path of a file. */
const FILE = "FILE";
/** NAME=value. The value ends where a shell would end it. */
const SETTING = /(?:^|\s)([\w.-]+)=["']?([^\s"';&|]*)/g;
/** user:password@ in an address. */
const CREDENTIALS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"'`]*:([^\s/@"'`]+)@/i;

/** Refuses secrets in places that the engine shows to its users: variables, arguments, build arguments, addresses. */
export const noPlainSecrets: Rule = (declared) => [
    ...assignments(declared)
        .filter(([name, value]) => isSecret(name, value) && !isExempt("no-plain-secrets", declared, name))
        .map(
            ([name]) =>
                `${name}: got a value in plain, which inspecting shows; make it a secret of the engine ` +
                `(components/service/engineSecret.ts) and give the path of its file: ${name}_FILE`,
        ),
    ...addresses(declared).map(
        (address) =>
            `${address}: got an address with a password in plain; keep the password in a file of a secret of the engine`,
    ),
];

/** All names and values that a resource sets: variables, settings within a command, options, arguments of a build. */
function assignments(declared: Declared): [string, string][] {
    const task = taskOf(declared);
    return [
        ...(task?.variables ?? []),
        ...(task?.commands ?? []).flatMap(({ value }) => settings(texts(value))),
        ...textEntries(at(declared.props, "build", "buildArgs")),
        ...textEntries(at(declared.props, "build", "args")),
    ];
}

/** The settings in the words of a command: NAME=value, also within a shell's text, --name=value, --name value. */
function settings(words: string[]): [string, string][] {
    return words.flatMap((word, index): [string, string][] => {
        const next = words[index + 1];
        if (/^--?[\w.-]+$/.test(word) && next !== undefined && !next.startsWith("-")) {
            return [[word, next]];
        }
        // A value that the shell fills in does not stand there in plain.
        const isText = /\s/.test(word);
        return [...word.matchAll(SETTING)]
            .map(([, name, value]): [string, string] => [name!, value!])
            .filter(([, value]) => !(isText && value.startsWith("$")));
    });
}

function isSecret(name: string, value: string): boolean {
    const words = name
        .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .toUpperCase()
        .split(/[^A-Z0-9]+/);
    if (value === "" || words.some((word) => OTHERS.has(word))) {
        return false;
    }
    const isFile = words.at(-1) === FILE && value.startsWith("/");
    return !isFile && words.some((word) => SECRET_WORDS.has(word));
}

/** Addresses that hold a password. The password is masked. */
function addresses({ type, props }: Declared): string[] {
    const data = type === CONFIG ? at(props, "data") : undefined;
    const file = typeof data === "string" ? Buffer.from(data, "base64").toString("utf8") : "";
    return [...allTexts(props), file].flatMap((text) => {
        const match = CREDENTIALS.exec(text);
        return match === null ? [] : [match[0].replace(`:${match[1]}@`, ":***@")];
    });
}
