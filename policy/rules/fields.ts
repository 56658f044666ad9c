import { list, shown, UNKNOWN } from "../declared";
import { type Fields, FIELDS } from "../fields";
import type { Rule } from "../rule";

const ENGINE = "docker:index/";
/** Pulumi's own notes beside the inputs. */
const NOTES = /^__/;

/**
 * Refuses fields that fields.ts does not list. The engine has dozens of ways to open its
 * host, and each release may add one.
 */
export const knownFields: Rule = ({ type, props }) => {
    const fields = FIELDS[type];
    if (fields !== undefined) {
        return strangers(props, fields, "");
    }
    return type.startsWith(ENGINE)
        ? [
              `${type}: nothing here needs a resource of this kind; leave it out, or list it in policy/fields.ts`,
          ]
        : [];
};

function strangers(value: unknown, fields: Fields, before: string): string[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value)
        .filter(([key, given]) => !NOTES.test(key) && !isInert(given))
        .flatMap(([key, given]) => judged(`${before}${key}`, given, fields[key]));
}

function judged(path: string, given: unknown, known: Fields[string] | undefined): string[] {
    if (known === undefined) {
        return [
            `${path}: got ${shown(given)}; nothing here needs it: leave it out, or list it in policy/fields.ts, with the reason`,
        ];
    }
    if (known === true || given === UNKNOWN) {
        return [];
    }
    if (!Array.isArray(known)) {
        return strangers(given, known as Fields, `${path}.`);
    }
    const [first] = known as readonly unknown[];
    if (typeof first === "object") {
        return list(given).flatMap((element, at) => strangers(element, first as Fields, `${path}[${at}].`));
    }
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    return values.every((value) => value === UNKNOWN || (known as readonly unknown[]).includes(value))
        ? []
        : [`${path}: got ${shown(given)}; needs ${known.join(" or ")}`];
}

/** Whether a value has the same effect as no value. */
function isInert(value: unknown): boolean {
    const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    return value === undefined || value === null || value === false || value === "" || value === 0 || isEmpty;
}
