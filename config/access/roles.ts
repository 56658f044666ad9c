/**
 * What a person or a program may do in a stack. Each role may do everything that the roles before it may do.
 *
 * - caller: predictions, and what describes the model
 * - viewer: pages, and everything that only reads
 * - operator: silences, alerts, retraining and labels
 * - admin: everything
 */
export const ROLES = ["caller", "viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** The user whom every stack has; an admin. */
export const OWNER = "seismic";
