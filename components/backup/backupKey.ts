import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** The stack's secret output with the key that seals its backups. */
export const BACKUP_KEY_OUTPUT = "backupKey";
/** 32 letters and digits hold 190 bits. */
const LENGTH = 32;

/**
 * The key that seals a stack's backups. It stays for the life of the stack, because a backup is checked with the key
 * that sealed it. So a rotation leaves it alone.
 */
export class BackupKey extends pulumi.ComponentResource {
    readonly value: pulumi.Output<string>;

    constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:BackupKey", name, {}, opts);
        this.value = new random.RandomPassword(
            `${name}-password`,
            { length: LENGTH, special: false },
            { parent: this },
        ).result;
        this.registerOutputs({});
    }
}
