// A JSON schema of an OpenAPI document as rows of a table: every field with its type in words.

/**
 * @typedef {object} Schema
 * @property {string} [type]
 * @property {string} [format]
 * @property {string} [description]
 * @property {string} [pattern]
 * @property {unknown} [default]
 * @property {unknown[]} [enum]
 * @property {boolean} [nullable]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [oneOf]
 * @property {Schema | boolean} [additionalProperties]
 * @property {number} [minLength]
 * @property {number} [maxLength]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {boolean} [exclusiveMinimum]
 * @property {number} [minItems]
 * @property {number} [maxItems]
 */

/** @typedef {{ name: string, type: string, required: boolean, description: string }} Row */

/** The fields of an object, and those of the objects in it as `outer.inner` or `outer[].inner`. @param {Schema} schema @param {string} [prefix] @returns {Row[]} */
export function rowsOf(schema, prefix = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    {
      name: prefix + name,
      type: typeOf(property),
      required: schema.required?.includes(name) ?? false,
      description: described(property),
    },
    ...rowsWithin(property, prefix + name),
  ]);
}

/** @param {Schema} schema @param {string} name @returns {Row[]} */
function rowsWithin(schema, name) {
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (alternatives.length > 0) return unique(alternatives.flatMap((one) => rowsWithin(one, name)));
  if (schema.items) return rowsWithin(schema.items, `${name}[]`);
  if (typeof schema.additionalProperties === 'object' && schema.additionalProperties.properties)
    return rowsOf(schema.additionalProperties, `${name}.*.`);
  return rowsOf(schema, `${name}.`);
}

/** @param {Row[]} rows */
function unique(rows) {
  return [...new Map(rows.map((row) => [row.name, row])).values()];
}

/** @param {Schema} schema @returns {string} */
export function typeOf(schema) {
  const alternatives = schema.anyOf ?? schema.oneOf;
  const words = alternatives ? [...new Set(alternatives.map(typeOf))].join(' or ') : single(schema);
  return schema.nullable ? `${words} or null` : words;
}

/** @param {Schema} schema @returns {string} */
function single(schema) {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.type === 'array')
    return `list of ${typeOf(schema.items ?? {})}${between(schema.minItems, schema.maxItems)}`;
  if (schema.type === 'string') return text(schema);
  if (schema.type === 'integer' || schema.type === 'number') return number(schema);
  return schema.type ?? 'any JSON';
}

/** @param {Schema} schema */
function text({ format, pattern, minLength, maxLength }) {
  if (format === 'date-time') return 'instant';
  if (format === 'binary') return 'file';
  const prefix = /^\^(\w+_)$/.exec(pattern ?? '')?.[1];
  return prefix ? `id \`${prefix}…\`` : `text${between(minLength, maxLength, ' characters')}`;
}

/** @param {Schema} schema */
function number({ type, minimum, maximum, exclusiveMinimum }) {
  const word = type === 'integer' ? 'whole number' : 'number';
  const bound = (/** @type {number | undefined} */ limit) =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined;
  if (!exclusiveMinimum) return word + between(bound(minimum), bound(maximum));
  return `${word} over ${minimum}${bound(maximum) === undefined ? '' : `, at most ${maximum}`}`;
}

/** @param {number | undefined} from @param {number | undefined} to @param {string} [unit] */
function between(from, to, unit = '') {
  if (from === undefined && to === undefined) return '';
  if (to === undefined) return `, at least ${from}${unit}`;
  return from === undefined ? `, at most ${to}${unit}` : `, ${from} to ${to}${unit}`;
}

/** @param {Schema} schema */
function described(schema) {
  const preset = schema.default === undefined ? [] : [`Default: \`${JSON.stringify(schema.default)}\`.`];
  return [schema.description ?? '', ...preset].filter((part) => part !== '').join(' ');
}
