import { prepare } from "./setup/prepare";
import { main } from "./setup/steps";

main(async () => {
    await prepare();
    console.log('For plain pulumi in this shell: eval "$(npm run -s env)"');
    return 0;
});
