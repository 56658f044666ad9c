import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A table for the example trainer: two columns, whose sum decides the label. So every model of it passes the gate. */
export class Table {
    readonly file: string;
    private rows = 0;

    /** @param folder is made */
    constructor(readonly folder: string) {
        mkdirSync(folder);
        this.file = join(folder, "data.csv");
        writeFileSync(this.file, "depth,amplitude,label\n");
    }

    /** Appends rows that are like the others, and new. */
    append(count: number): void {
        const end = this.rows + count;
        for (; this.rows < end; this.rows++) {
            // Multiples of two irrational numbers fill the square evenly.
            const [depth, amplitude] = [(this.rows * Math.SQRT2) % 1, (this.rows * Math.E) % 1];
            const label = depth + amplitude > 1 ? "high" : "low";
            appendFileSync(this.file, `${depth},${amplitude},${label}\n`);
        }
    }
}
