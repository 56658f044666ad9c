/** What one measurement gave: requests a second, their latency in ms, processor time of each part in µs a request. */
export interface Measured {
    rate: number;
    p50: number;
    p99: number;
    client_cpu: number;
    micros: Record<string, number>;
}

function median(values: number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
}

/** Prints the medians of all rounds. A ratio compares a gateway with the one named beside it, round by round. */
export function report(
    connections: string,
    all: Record<string, { against?: string }>,
    rounds: Record<string, Measured>[],
): void {
    console.log(`\n${connections} kept connections, medians of ${rounds.length} rounds`);
    console.log(
        "gateway      predictions/s  ratio of      p50 ms  p99 ms   µs a prediction: front access serving",
    );
    for (const [kind, { against }] of Object.entries(all)) {
        const of = (value: (it: Measured) => number, digits: number) =>
            median(rounds.map((round) => value(round[kind]!))).toFixed(digits);
        const ratios = rounds.flatMap((round) =>
            against === undefined || round[against] === undefined
                ? []
                : [round[kind]!.rate / round[against].rate],
        );
        const ratio = ratios.length === 0 ? "" : `${median(ratios).toFixed(3)} ${against}`;
        const micros = ["front", "access", "serving"].map((part) =>
            of((it) => it.micros[part]!, 0).padStart(7),
        );
        const row = [kind.padEnd(12), of((it) => it.rate, 0).padStart(13), ` ${ratio.padEnd(13)}`];
        const times = [of((it) => it.p50, 2).padStart(6), of((it) => it.p99, 2).padStart(7)];
        console.log([...row, ...times, " ".repeat(16), ...micros].join(" "));
    }
}
