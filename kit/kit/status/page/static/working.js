/** Work that a reader starts, in the page's last section. */

/** A class that extends this one has `say(text, kind)`, which tells a failure. */
export class OneAtATime {
    /** One thing at a time: what was begun before is given up. */
    async run(work) {
        this.running?.abort();
        this.running = new AbortController();
        const { signal } = this.running;
        this.signal = signal;
        document.body.classList.add("busy");
        try {
            await work();
        } catch (error) {
            if (!signal.aborted) {
                this.say(error.message, "bad");
            }
        } finally {
            if (this.signal === signal) {
                document.body.classList.remove("busy");
            }
        }
    }
}
