// A Compose file as Compose reads it: anchors merged, variables put in. Only what the files of this repository use.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const networks = z.union([
  z.array(z.string()),
  z.record(z.string(), z.object({ aliases: z.array(z.string()).default([]) })),
]);

const service = z.object({
  image: z.string(),
  command: z.array(scalar).default([]),
  entrypoint: z.array(scalar).optional(),
  environment: z.record(z.string(), scalar).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  networks: networks.default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  restart: z.literal('unless-stopped'),
  stop_grace_period: z.string().default('10s'),
  healthcheck: z.object({ test: z.tuple([z.literal('CMD')], scalar) }),
  deploy: z.object({
    replicas: z.coerce.number().default(1),
    resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }),
  }),
});
const composeFile = z.object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) });

export type ComposeService = z.infer<typeof service>;
export type ComposeFile = z.infer<typeof composeFile>;
export type Variables = Readonly<Record<string, string>>;

export const COMPOSE_FILES = ['docker-compose.yml', 'docker-compose.scale.yml'] as const;

export function composeText(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
}

export function readCompose(name: string, variables: Variables): ComposeFile {
  return composeFile.parse(interpolated(parse(composeText(name), { merge: true }), variables));
}

/** Every variable that a file asks for. */
export function variablesOf(name: string): string[] {
  return [...new Set([...composeText(name).matchAll(VARIABLE)].map((match) => match[1] ?? ''))];
}

const VARIABLE = /\$\{(\w+)(?::(\?|-)([^}]*))?\}/g;

function interpolated(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string')
    return value.replaceAll(VARIABLE, (...[, name, how, words]) => filled(variables[name], { name, how, words }));
  if (Array.isArray(value)) return value.map((each) => interpolated(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolated(each, variables)]));
}

function filled(value: string | undefined, { name, how, words }: Record<'name' | 'how' | 'words', string>): string {
  if (value) return value;
  if (how === '-') return words;
  throw new Error(`${name} is not set: ${words}`);
}

/** The names under which others reach a service. */
export function namesOf(name: string, { networks: joined }: ComposeService): string[] {
  return [name, ...(Array.isArray(joined) ? [] : Object.values(joined).flatMap((network) => network.aliases))];
}
