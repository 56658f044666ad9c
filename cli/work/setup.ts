import { prepare } from "../setup/prepare";

/** Sets this machine up, and prints the next steps for a shell. */
export async function setup(): Promise<number> {
    await prepare();
    console.log('For plain pulumi in this shell: eval "$(npm run -s env)"');
    return 0;
}
