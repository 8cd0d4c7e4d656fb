// A schema of an OpenAPI 3.0 document in the words of JSON Schema, for ajv: bounds that exclude, and null.

/** `nullable` alone ajv knows; a list of words, and an exclusive bound, it reads otherwise. */
export function asJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asJsonSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { exclusiveMinimum, minimum, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([word, value]) => [word, asJsonSchema(value)]),
  );
  if (rest.nullable === true && Array.isArray(rest.enum)) rest.enum = [...rest.enum, null];
  if (minimum === undefined) return rest;
  return exclusiveMinimum === true ? { ...rest, exclusiveMinimum: minimum } : { ...rest, minimum };
}
