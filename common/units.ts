/**
 * Durations and sizes, in the one form in which the engine reads them back:
 * any other spelling would show as a change at the next preview.
 */

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
/** The engine counts cores in these. */
export const NANOS_PER_CPU = 1e9;

const SECONDS_PER: Record<string, number> = { s: 1, m: 60, h: 3600 };
const BYTES_PER: Record<string, number> = { k: 2 ** 10, m: MIB, g: GIB };

/** Whole seconds of a duration such as "30s", "20m" or "1h"; undefined if the text is no duration. */
export function parseSeconds(duration: string): number | undefined {
    const match = /^(\d{1,9})(s|m|h)$/.exec(duration);
    return match ? Number(match[1]) * SECONDS_PER[match[2]!]! : undefined;
}

/** Bytes of a size such as "512m" or "2g"; undefined if the text is no size. */
export function parseBytes(size: string): number | undefined {
    const match = /^(\d{1,12})(k|m|g)$/.exec(size);
    return match ? Number(match[1]) * BYTES_PER[match[2]!]! : undefined;
}

/** A duration in the form that the provider reads back: no zero parts, 90 seconds are "1m30s". */
export function goDuration(seconds: number): string {
    const parts: [number, string][] = [
        [Math.floor(seconds / 3600), "h"],
        [Math.floor((seconds % 3600) / 60), "m"],
        [seconds % 60, "s"],
    ];
    const text = parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : "")).join("");
    return text === "" ? "0s" : text;
}

/**
 * Cores of a container in the form that the provider reads back: 2 are "2.0", 0.5 are "0.5", 10 are "10.".
 * Source: kreuzwerker/terraform-provider-docker, nanoInt64ToDecimalString.
 *
 * @throws RangeError for a number that the provider reads back as another one, such as 0.05; see `readsBack`
 */
export function decimalCpus(cpus: number): string {
    const text = providersCpus(cpus);
    if (Number(text) !== cpus) {
        throw new RangeError(`${cpus} cores of a container are read back as ${text}`);
    }
    return text;
}

/** Whether the provider reads a container's cores back unchanged. If not, each preview would show a change. */
export function readsBack(cpus: number): boolean {
    return Number(providersCpus(cpus)) === cpus;
}

/** The provider takes any nine zeros for the zeros of a whole number, so 0.05 becomes "0.1". */
function providersCpus(cpus: number): string {
    const text = cpus.toFixed(9);
    const zeros = text.split("0").length - 1;
    return zeros === 9 ? cpus.toFixed(1) : text.replace(/0+$/, "");
}
