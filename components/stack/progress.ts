import * as pulumi from "@pulumi/pulumi";

/** On a resource's line of the display, a line of a stream replaces the line before. */
const PROGRESS_STREAM = 1;

/** Shows the progress of something on its resource's line, and nowhere else. */
export function showProgress(resource: pulumi.Resource, text: string): void {
    void pulumi.log.info(text, resource, PROGRESS_STREAM, true);
}
