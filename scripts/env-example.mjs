// .env.example: every setting with what it is for, and what only the Compose files read. Pure: what is read and written
// where is generate-docs.mjs's.
import { z } from 'zod';

/** Settings that people set first: shown empty, ready to be filled in, since empty counts as not set. */
const FIRST = ['ANTHROPIC_API_KEY', 'MUSTER_MODEL', 'MUSTER_AGENT_TOKEN', 'MUSTER_API_KEYS', 'MUSTER_API_KEY'];

/** What the Compose files read beside settings. `must` has no default. */
export const COMPOSE_VARIABLES = {
  POSTGRES_PASSWORD: {
    must: true,
    about: 'Password of the database that Compose starts; letters and digits, since it stands in a URL.',
  },
  REDIS_PASSWORD: { must: true, about: 'Password of the Redis that Compose starts; letters and digits.' },
  PUBLISH_ADDRESS: {
    must: false,
    about: 'Address of this host at which API and dashboard are reached. Default: 127.0.0.1, this host only.',
  },
  POSTGRES_PUBLISHED_PORT: { must: false, about: 'Port of 127.0.0.1 at which the database is reached. Default: 5432.' },
  REDIS_PUBLISHED_PORT: { must: false, about: 'Port of 127.0.0.1 at which Redis is reached. Default: 6379.' },
  AGENT_REPLICAS: { must: false, about: 'Agents of each kind in docker-compose.scale.yml. Default: 2.' },
  CONTAINER_IMAGE: { must: false, about: 'Name of the image that is built and run. Default: muster:latest.' },
};

/** @param {z.ZodObject} settings */
export function envExample(settings) {
  const { properties = {} } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
  const described = Object.entries(properties).map(([name, schema]) => ({
    name,
    about: /** @type {z.core.JSONSchema.BaseSchema} */ (schema).description ?? '',
    preset: settings.shape[name]?.safeParse(undefined).data,
  }));
  const compose = Object.entries(COMPOSE_VARIABLES).map(([name, { must, about }]) =>
    variable({ name, about, commented: !must }),
  );
  const first = described.filter(({ name }) => FIRST.includes(name));
  const rest = described.filter(({ name }) => !FIRST.includes(name));
  return [
    '# Made by `npm run generate` from src/config.ts. Copy it to .env and fill in what you need; `scripts/start.sh` does so with',
    '# secrets of its own. A variable set to nothing counts as not set. The Compose files pass on those that they name.',
    section('What to set first'),
    ...first.map(({ name, about }) => variable({ name, about })),
    section('Read by the Compose files only'),
    ...compose,
    section('Every other setting, with its default'),
    ...rest.map(({ name, about, preset }) => variable({ name, about, value: preset, commented: true })),
  ]
    .join('\n')
    .concat('\n');
}

/** @param {string} title */
function section(title) {
  return `\n# ---- ${title} ----`;
}

/** @param {{ name: string, about: string, value?: unknown, commented?: boolean }} variable */
function variable({ name, about, value = '', commented = false }) {
  // What is kept for ever is null inside.
  return `\n${wrapped(about)}\n${commented ? '#' : ''}${name}=${value ?? 'off'}`;
}

/** @param {string} text */
function wrapped(text) {
  return text.replaceAll(/(?=\S)(.{1,118})(?:\s+|$)/g, '# $1\n').trimEnd();
}
