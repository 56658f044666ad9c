const UNIT = 1000;
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** "0 B", "12.3 kB", "4.0 GB": in powers of 1000, as the engine writes sizes. */
export function sizeText(bytes: number): string {
    const power = bytes < UNIT ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(UNIT)), UNITS.length - 1);
    const value = bytes / UNIT ** power;
    return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}
