import * as pulumi from "@pulumi/pulumi";

/** Lines of one stream replace each other on a resource's line of the display. */
const PROGRESS_STREAM = 1;

/** Shows how far something is, on its resource's line and nowhere else. */
export function showProgress(resource: pulumi.Resource, text: string): void {
    void pulumi.log.info(text, resource, PROGRESS_STREAM, true);
}
