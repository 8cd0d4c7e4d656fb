// Values from a schema of the document: those that it allows, its limits among them, and those that it should refuse.
import fc from 'fast-check';
import type { Schema } from './document.ts';
import { Known, Nested, NumberText, Repeated } from './placeholders.ts';

type Values = fc.Arbitrary<unknown>;

const LONG = 300;
const PRECISION = 2 ** 30;
const NAMED = /_id$|^(cursor|path|last-event-id|after)$/;

/** Values that the schema allows. `name` is that of the field or parameter. */
export function allowed(schema: Schema, name: string): Values {
  const value = schema.example === undefined ? ofType(schema, name) : exampled(schema, name);
  return schema.nullable ? fc.option(value, { freq: 5 }) : value;
}

function exampled(schema: Schema, name: string): Values {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(schema.example) }, ofType(schema, name));
}

function ofType(schema: Schema, name: string): Values {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => allowed(choice, name)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return NAMED.test(name) ? fc.oneof({ weight: 5, arbitrary: known(name) }, texts(schema)) : texts(schema);
    case 'integer':
      return wholeNumbers(schema);
    case 'number':
      return numbers(schema);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return lists(schema, name);
    case 'object':
      return objects(schema);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

/** `last-event-id` and `after` are numbers of what was seen. */
function known(name: string): Values {
  const of = name === 'last-event-id' || name === 'after' ? 'after_id' : name;
  // Even: fast-check would mostly choose what lies next to 0.
  const even = fc.noBias(fc.integer({ min: 0, max: PRECISION - 1 }));
  return even.map((at) => new Known(of, at / PRECISION));
}

function texts({ minLength = 0, maxLength = LONG, pattern, format }: Schema): Values {
  if (format === 'date-time') return instants;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const most = Math.min(maxLength, minLength + LONG);
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ minLength, maxLength: most, unit: 'grapheme' }) },
    { weight: 1, arbitrary: fc.constantFrom(...[new Repeated('x', minLength), new Repeated('ä', maxLength)]) },
    { weight: 1, arbitrary: fc.string({ minLength, maxLength: most, unit: 'binary' }) },
  );
}

const instants = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const WHOLE = { min: -1_000_000, max: 1_000_000 };

function wholeNumbers({ minimum, maximum }: Schema): Values {
  const [min, max] = [Math.ceil(minimum ?? WHOLE.min), Math.floor(maximum ?? WHOLE.max)];
  return fc.oneof(fc.integer({ min, max: Math.min(max, min + 100) }), fc.constantFrom(min, max));
}

function numbers({ minimum = WHOLE.min, maximum = WHOLE.max, exclusiveMinimum = false }: Schema): Values {
  const least = exclusiveMinimum ? minimum + 1e-6 : minimum;
  const cents = fc.integer({ min: Math.ceil(least * 100), max: Math.floor(maximum * 100) }).map((cent) => cent / 100);
  return fc.oneof(cents, fc.constantFrom(least, maximum));
}

function lists({ items = {}, minItems = 0, maxItems = 4 }: Schema, name: string): Values {
  const one = allowed(items, name.replace(/s$/, ''));
  return fc.array(one, { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 4)) });
}

function objects({ properties = {}, required = [], additionalProperties }: Schema): Values {
  const fields = Object.entries(properties).map(([name, schema]): [string, Values] => [name, allowed(schema, name)]);
  const model: Record<string, Values> = Object.fromEntries(fields);
  const whole: Values = fc.record(model, { requiredKeys: required });
  if (typeof additionalProperties !== 'object' || fields.length > 0) return whole;
  return fc.dictionary(fc.string({ maxLength: 20 }), allowed(additionalProperties, ''), { maxKeys: 4 });
}

const HUGE = 60_000;
const ODD_TEXTS = [
  '',
  ' ',
  '\t\n\u00a0\u2028',
  '\u0000',
  'a\u0000b and something after it',
  '\ud800',
  'lone \udfff surrogate in a text',
  '\ufeffwith a byte order mark',
  '\u202eright to left',
  '%00%0d%0a',
  "'; drop table tasks; --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  'null',
  '__proto__',
  'constructor',
  '-1',
  '1e309',
  '0x1F',
  '٣',
  '9007199254740993',
  '2026-02-30T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
];
const ODD_NUMBERS = [
  '1e400',
  '-1e400',
  '-0',
  '1e-400',
  '9007199254740993',
  '99999999999999999999',
  '0.1234567891',
  '-1',
];

/** Values of any kind, for a field or parameter that expects another. Some fit by chance. */
export function odd(schema: Schema): Values {
  const beyond = [
    ...(schema.maxLength === undefined ? [] : [new Repeated('y', schema.maxLength + 1)]),
    ...(schema.minLength === undefined ? [] : [new Repeated('z', Math.max(0, schema.minLength - 1))]),
    ...(schema.maximum === undefined ? [] : [schema.maximum + 1, schema.maximum + 0.5]),
    ...(schema.minimum === undefined ? [] : [schema.minimum - 1, schema.minimum - 0.5]),
    ...(schema.maxItems === undefined ? [] : [new Repeated('x', schema.maxItems + 1, { asList: true })]),
  ];
  return fc.oneof(
    ...(beyond.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom<unknown>(...beyond) }] : []),
    { weight: 5, arbitrary: fc.constantFrom<unknown>(...ODD_TEXTS) },
    { weight: 3, arbitrary: fc.constantFrom(...ODD_NUMBERS).map((text) => new NumberText(text)) },
    { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, [], {}, [[]], [null], { toString: null }) },
    { weight: 1, arbitrary: fc.constantFrom(new Repeated('w', HUGE), new Repeated('😀', HUGE / 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...[100, 199, 201, 3_000].map((levels) => new Nested(levels))) },
    { weight: 1, arbitrary: fc.constantFrom(new Repeated(null, 10_000, { asList: true })) },
    { weight: 1, arbitrary: polluting },
    { weight: 2, arbitrary: fc.anything({ maxDepth: 2, withNullPrototype: false }).map(asJson) },
  );
}

/** Parsed, so that the field is one of the object's own. */
export const polluting: Values = fc.constantFrom(
  ...['{"__proto__":{"role":"operate"}}', '{"constructor":{"prototype":{"role":"operate"}}}', '{"prototype":1}'].map(
    (text) => JSON.parse(text) as unknown,
  ),
);

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null');
}
