// The operations of an OpenAPI 3.0 document, as the fuzzer reads them: what may be sent, what may be answered, who may ask.
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

export interface Schema {
  type?: string;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  pattern?: string;
  format?: string;
  nullable?: boolean;
  additionalProperties?: boolean | Schema;
  default?: unknown;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

type Content = Record<string, { schema: Schema }>;

export interface Operation {
  service: Service;
  /** Upper case. */
  method: string;
  /** Its template, such as `/tasks/{task_id}`. */
  path: string;
  parameters: Parameter[];
  /** By media type; empty for an operation without a body. */
  bodies: Record<string, Schema>;
  /** By status, then by media type. */
  responses: Record<string, { content?: Content }>;
  /** The scheme by which it asks who is there; undefined: it does not. */
  scheme: string | undefined;
}

export type Service = 'orchestrator' | 'agent';

interface Described {
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
  security?: Record<string, unknown>[];
}

export function operationsOf(service: Service): Operation[] {
  const file = new URL(`../../contracts/${service}-api.json`, import.meta.url);
  const document: { paths: Record<string, Record<string, Described>> } = JSON.parse(readFileSync(file, 'utf8'));
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, described]) => ({
      service,
      method: method.toUpperCase(),
      path,
      parameters: described.parameters ?? [],
      bodies: Object.fromEntries(
        Object.entries(described.requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema]),
      ),
      responses: described.responses,
      scheme: described.security?.flatMap(Object.keys)[0],
    })),
  );
}

export const nameOf = ({ service, method, path }: Operation): string => `${service} ${method} ${path}`;

const ajv = new Ajv({ strict: false, validateFormats: false });
/** A query string has text only; a list of one is that one. */
const textAjv = new Ajv({ strict: false, validateFormats: false, coerceTypes: 'array' });
const compiled = new Map<Schema, ValidateFunction>();

/** What is wrong with a value that was read as JSON; null when nothing is. */
export function mismatch(schema: Schema, value: unknown): string | null {
  const validate = compiled.get(schema) ?? ajv.compile(plain(schema));
  compiled.set(schema, validate);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

/** The same of a parameter, which is text. */
export function mismatchOfText(schema: Schema, value: string): string | null {
  const validate = textAjv.compile({ type: 'object', properties: { value: plain(schema) } });
  return validate({ value }) ? null : textAjv.errorsText(validate.errors);
}

/** OpenAPI 3.0 writes null and exclusive limits in its own way. */
function plain(schema: Schema): object {
  const { nullable, exclusiveMinimum, exclusiveMaximum, minimum, maximum, ...rest } = schema;
  const one = {
    ...rest,
    ...(minimum !== undefined && { [exclusiveMinimum ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum !== undefined && { [exclusiveMaximum ? 'exclusiveMaximum' : 'maximum']: maximum }),
    ...(rest.items && { items: plain(rest.items) }),
    ...(rest.anyOf && { anyOf: rest.anyOf.map(plain) }),
    ...(rest.oneOf && { oneOf: rest.oneOf.map(plain) }),
    ...(rest.properties && {
      properties: Object.fromEntries(Object.entries(rest.properties).map(([name, of]) => [name, plain(of)])),
    }),
    ...(typeof rest.additionalProperties === 'object' && {
      additionalProperties: plain(rest.additionalProperties),
    }),
  };
  return nullable ? { anyOf: [one, { type: 'null' }] } : one;
}
