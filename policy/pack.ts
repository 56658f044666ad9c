import { PolicyPack } from "@pulumi/policy";

import { withinOf } from "./declared";
import { stackFacts } from "./facts";
import { plain } from "./plain";
import { POLICIES } from "./policies";

const LEVEL = "mandatory";

const facts = stackFacts();

new PolicyPack("seismic-mlops", {
    enforcementLevel: LEVEL,
    policies: POLICIES.map(({ name, description, rule }) => ({
        name,
        description,
        enforcementLevel: LEVEL,
        validateResource: ({ type, name: resource, urn, props, opts }, report) => {
            const within = withinOf(urn);
            const declared = { type, name: resource, within, props: plain(props), kept: opts.ignoreChanges };
            for (const fault of rule(declared, facts)) {
                report(`${resource}: ${fault}`);
            }
        },
    })),
});
