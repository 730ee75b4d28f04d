/** What a schema accepts, made up: fast-check's arbitraries read off valibot's schemas. */
import fc from "fast-check";
import * as v from "valibot";

/** What is used here of the schemas of protocol/, by their `type`. */
type Schema = {
  type: string;
  literal?: unknown;
  entries?: Record<string, Schema>;
  options?: unknown[];
  item?: Schema;
  wrapped?: Schema;
  pipe?: { type: string; requirement?: unknown }[];
};

const any = fc.jsonValue({ maxDepth: 3 });

/** Text as people write it, and as they do not: all of Unicode, halves of characters, zeros. */
export const text = (min: number, max: number): fc.Arbitrary<string> => {
  const short = { minLength: min, maxLength: Math.max(min, Math.min(max, 24)) };
  const halves = fc.integer({ min: 0xd7f0, max: 0xe010 }).map((unit) => String.fromCharCode(unit));
  return fc.oneof(
    { weight: 6, arbitrary: fc.string(short) },
    { weight: 2, arbitrary: fc.string({ ...short, unit: halves }) },
    // Of which a character has one or two units.
    { weight: 2, arbitrary: fc.string({ ...short, unit: "binary" }).filter((text) => text.length <= max) },
    { weight: 1, arbitrary: fc.constantFrom("x".repeat(Math.min(max, 2_000)), "\ufdfa".repeat(min || 1)) },
  );
};

/** Values that a schema of protocol/ accepts. */
export function valuesOf(schema: v.GenericSchema): fc.Arbitrary<unknown> {
  return shaped(schema as Schema).filter((value) => v.is(schema, value));
}

function shaped(schema: Schema): fc.Arbitrary<unknown> {
  const { entries = {}, options = [], item, wrapped, pipe = [] } = schema;
  const required = (type: string) => pipe.find((action) => action.type === type)?.requirement;
  const bound = (type: string, otherwise: number) => Number(required(type) ?? otherwise);
  switch (schema.type) {
    case "literal":
      return fc.constant(schema.literal);
    case "picklist":
      return fc.constantFrom(...options);
    case "boolean":
      return fc.boolean();
    case "number":
      return fc.integer({ min: bound("min_value", -(2 ** 31)), max: bound("max_value", 2 ** 31) });
    case "string": {
      const form = required("regex");
      if (form instanceof RegExp) return fc.stringMatching(form);
      return text(bound("min_length", 0), bound("max_length", 1_000));
    }
    case "array": {
      const few = Math.max(bound("min_length", 0), Math.min(bound("max_length", 4), 4));
      return fc.array(shaped(needed(item)), { minLength: bound("min_length", 0), maxLength: few });
    }
    case "optional":
    case "exact_optional":
      return shaped(needed(wrapped));
    case "nullable":
      return fc.option(shaped(needed(wrapped)), { freq: 3 });
    case "strict_object": {
      const required = Object.entries(entries).filter(([, { type }]) => !type.endsWith("optional"));
      const fields = Object.fromEntries(Object.entries(entries).map(([key, field]) => [key, shaped(field)]));
      return fc.record(fields, { requiredKeys: required.map(([key]) => key) });
    }
    case "variant":
      return fc.oneof(...options.map((option) => shaped(option as Schema)));
    case "unknown":
      return any;
    default:
      throw new Error(`nothing is made up yet for a schema of type ${schema.type}`);
  }
}

function needed(schema: Schema | undefined): Schema {
  if (!schema) throw new Error("the schema lacks its inner one");
  return schema;
}
