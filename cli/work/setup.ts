import { parse } from "../terminal/args";
import { prepare } from "../setup/prepare";
import { main } from "../terminal/steps";

const USAGE = `npm run setup

Makes what the project needs on this machine: an engine, its swarm, the base image, Pulumi, a state and its passphrase.`;

main(async (args) => {
    parse(args, {}, USAGE);
    await prepare();
    console.log('For plain pulumi in this shell: eval "$(npm run -s env)"');
    return 0;
});
