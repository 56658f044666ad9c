/** Checks of the things that a trainer writes, made from trainer.schema.json. Making one takes a millisecond, so make it late. */
import { z } from "zod";

import contract from "./trainer.schema.json";

const { $schema, $defs } = contract;

type Definitions = typeof $defs;
type Field<Name extends keyof Definitions> = Definitions[Name] extends { properties: infer Properties }
    ? keyof Properties & string
    : never;

/** A check of everything that a definition says. */
export function checkOf(definition: keyof Definitions): z.ZodType {
    return made({ $ref: `#/$defs/${definition}` });
}

/** Checks of some fields of a definition, for a reader that does not look at the others. */
export function fieldsOf<Name extends keyof Definitions, const Read extends readonly Field<Name>[]>(
    definition: Name,
    read: Read,
): Readonly<Record<Read[number], z.ZodType>> {
    const { properties, required } = $defs[definition] as unknown as {
        properties: Record<string, object>;
        required: string[];
    };
    const object = made({
        type: "object",
        properties: Object.fromEntries(read.map((name) => [name, properties[name]])),
        required: required.filter((name) => (read as readonly string[]).includes(name)),
    });
    return (object as unknown as z.ZodObject<Record<Read[number], z.ZodType>>).shape;
}

function made(schema: object): z.ZodType {
    return z.fromJSONSchema({ $schema, $defs, ...schema } as Parameters<typeof z.fromJSONSchema>[0]);
}
