import { BASE_IMAGE, contentHash, HASH_LABEL } from "../../../cli/setup/baseImage";
import type { Answers } from "../engine/fakeEngine";

/** A swarm's manager after setup, without any stack. */
export function readyEngine(): Answers {
    return {
        "/_ping": "OK",
        "/version": { Version: "28.0.1", ApiVersion: "1.48", Os: "linux" },
        "/containers/json": [],
        "/services": [],
        "/images/json": [],
        "/system/df": { Images: [] },
        "/info": {
            SystemTime: "2026-01-31T16:34:00Z",
            Swarm: { LocalNodeState: "active", ControlAvailable: true, Nodes: 1 },
        },
        [`/images/${BASE_IMAGE}/json`]: { Config: { Labels: { [HASH_LABEL]: contentHash() } } },
    };
}
