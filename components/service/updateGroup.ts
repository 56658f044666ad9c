/**
 * The groups in which an update replaces the tasks of a service. With three, one generation always has some two thirds
 * of its tasks ready: the old one until the second group has proven itself, then the new one. While the last group
 * proves itself, the new tasks answer, and a third of the old ones still stand by.
 */
const GROUPS = 3;

/** The number of tasks that an update replaces at a time: a third of the replicas, rounded up. */
export function updateGroup(replicas: number): number {
    return Math.ceil(replicas / GROUPS);
}
