// Compares a generated OpenAPI 3.0 document with a base contract: what does the offered schema fall short of?

export interface Schema {
  required?: readonly string[];
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  anyOf?: readonly Schema[];
  nullable?: boolean;
  [word: string]: unknown;
}

interface Operation {
  operationId: string;
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { required?: boolean };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

export interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const LIMITS = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems'];

/** Paths at which `offered` lacks a field, a requirement, a word list or a limit of `base`; empty when it covers it. */
export function shortfalls(base: Schema, offered: Schema | undefined, path = ''): string[] {
  if (!offered) return [path || 'the answer'];
  const [alternative] = base.anyOf ?? [];
  if (alternative) return [...(offered.nullable ? [] : [`${path} null`]), ...shortfalls(alternative, offered, path)];
  return [
    ...lackingWords(base, offered, path),
    ...Object.entries(base.properties ?? {}).flatMap(([name, property]) =>
      shortfalls(property, offered.properties?.[name], `${path}.${name}`),
    ),
    ...(base.items ? shortfalls(base.items, offered.items, `${path}[]`) : []),
  ];
}

function lackingWords(base: Schema, offered: Schema, path: string): string[] {
  const optional = (base.required ?? []).filter((name) => !offered.required?.includes(name));
  const limits = LIMITS.filter((word) => base[word] !== undefined && base[word] !== offered[word]);
  const words = base.enum && String(base.enum) !== String(offered.enum) ? ['enum'] : [];
  return [
    ...optional.map((name) => `${path}.${name} required`),
    ...[...limits, ...words].map((word) => `${path} ${word}`),
  ];
}
