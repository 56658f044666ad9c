/**
 * Checks a cron expression by the rules of the trainer's library (cronsim). A faulty expression
 * is refused here, before anything is made. Otherwise the service would refuse it at its start.
 */

interface Field {
    least: number;
    most: number;
    names?: readonly string[];
    /** Other forms of a day: the last day, or the nth weekday of a month. */
    special?: RegExp;
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const DAYS = "SUN MON TUE WED THU FRI SAT".split(" ");
const FIELDS: readonly Field[] = [
    { least: 0, most: 59 },
    { least: 0, most: 23 },
    { least: 1, most: 31, special: /^LW?$/ },
    { least: 1, most: 12, names: MONTHS },
    { least: 0, most: 7, names: DAYS, special: /^([0-7]L|([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/ },
];
/** The most days that each month can have. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a text is a cron expression of five fields, with a time that comes at some point. */
export function isCron(text: string): boolean {
    const fields = text.trim().toUpperCase().split(/\s+/);
    return (
        fields.length === FIELDS.length &&
        fields.every((field, index) => field.split(",").every((term) => isTerm(term, FIELDS[index]!))) &&
        comes(fields)
    );
}

function isTerm(term: string, field: Field): boolean {
    const [range = "", step, ...more] = term.split("/");
    if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step))) {
        return false;
    }
    if (range === "*" || field.special?.test(range) === true) {
        return true;
    }
    const ends = range.split("-").map((end) => valueOf(end, field));
    return ends.length <= 2 && ends.every((end) => end !== undefined) && ends[0]! <= ends.at(-1)!;
}

function valueOf(text: string, { least, most, names = [] }: Field): number | undefined {
    const named = names.indexOf(text);
    const value = named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most ? value : undefined;
}

/**
 * Whether the days come at some point. A day that none of the months has, such as 30
 * February, never comes. If a weekday stands beside such a day, the weekday still comes.
 */
function comes([, , days, months, weekdays]: string[]): boolean {
    if (weekdays !== "*" || !/^[\d,]+$/.test(days!)) {
        return true;
    }
    const first = Math.min(...days!.split(",").map(Number));
    return LONGEST.some((length, index) => first <= length && isIn(months!, index + 1));
}

function isIn(months: string, month: number): boolean {
    return months.split(",").some((term) => {
        if (!/^[A-Z\d]+$/.test(term)) {
            return true;
        }
        return valueOf(term, FIELDS[3]!) === month;
    });
}
