// The OpenAPI document, generated from the routes and their schemas: what is said once for all of them.
import { readFileSync } from 'node:fs';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { failures, failuresOfForm } from '../protocol/failures.ts';

const packageJson = z.object({ name: z.string(), version: z.string() });

/** Name and version of the package, from its manifest. */
export const product = packageJson.parse(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
);

const toJsonSchema = createJsonSchemaTransform({});

export const openapiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.0.3',
    info: {
      title: 'Orchestrator API',
      version: product.version,
      description: 'Hand in tasks in plain language, follow them and fetch their results.',
    },
    servers: [{ url: 'http://localhost:8000' }],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'A key that `muster keys create` made.' },
        agentToken: { type: 'http', scheme: 'bearer', description: 'MUSTER_AGENT_TOKEN.' },
      },
    },
  },
  transform: (route) => withNamedWildcard({ url: route.url, schema: withBodies(withRefusals(route)) }),
  transformObject: (document) => ('openapiObject' in document ? withOptionalBodies(document.openapiObject) : {}),
};

type Route = Parameters<typeof toJsonSchema>[0];

/**
 * Who may call an operation, and what it answers to whom it does not let in, or cannot read: said here, so that no route can
 * forget it.
 */
function withRefusals(route: Route): Route {
  const access = route.route.config?.access ?? 'operate';
  const who = { 'x-access': access };
  const refusals =
    access === 'open' ? failures('forbidden', 'rate_limited') : failures('unauthorized', 'forbidden', 'rate_limited');
  const response = { ...failuresOfForm(route.route.method), ...refusals, ...(route.schema.response as object) };
  if (access === 'open') return { ...route, schema: { ...route.schema, ...who, response } };
  const scheme = access === 'agent' ? 'agentToken' : 'apiKey';
  // The empty one: on loopback no key may be asked for.
  return { ...route, schema: { ...route.schema, ...who, response, security: [{ [scheme]: [] }, {}] } };
}

/** A body that may be of several media types: each has a schema of its own, which the plugin's transform does not know. */
function withBodies(route: Route): FastifySchema {
  const content = byMediaType.safeParse(route.schema?.body);
  if (!content.success) return toJsonSchema(route).schema;
  const { body: _, ...rest } = route.schema;
  const converted = Object.entries(content.data.content).map(([type, { schema }]) => [
    type,
    { schema: toJsonSchema({ ...route, schema: { body: schema } }).schema.body },
  ]);
  const { schema } = toJsonSchema({ ...route, schema: rest });
  return { ...schema, body: { content: Object.fromEntries(converted) } };
}

const byMediaType = z.object({ content: z.record(z.string(), z.object({ schema: z.instanceof(z.ZodType) })) });

/** Fastify calls the rest of a path `*`, which is no parameter name in OpenAPI. */
function withNamedWildcard({ url, schema }: Described): Described {
  const params = properties.safeParse(schema.params);
  if (!url.endsWith('/*') || !params.success) return { url, schema };
  const rename = (name: string) => (name === '*' ? 'path' : name);
  const renamed = Object.entries(params.data.properties).map(([name, property]) => [rename(name), property]);
  const required = params.data.required.map(rename);
  return {
    url: url.replace(/\*$/, ':path'),
    schema: { ...schema, params: { ...params.data, properties: Object.fromEntries(renamed), required } },
  };
}

interface Described {
  url: string;
  schema: FastifySchema;
}

const properties = z.looseObject({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()) });

type TransformObject = NonNullable<FastifyDynamicSwaggerOptions['transformObject']>;
type Document = Extract<Parameters<TransformObject>[0], { openapiObject: unknown }>['openapiObject'];

/** The plugin marks every body as required; one without a field that must be there may be left out. */
function withOptionalBodies(document: Document): Document {
  for (const path of Object.values(document.paths ?? {})) {
    const body = path?.post?.requestBody;
    if (body && 'content' in body) body.required = Object.values(body.content).every(hasRequiredField);
  }
  return document;
}

function hasRequiredField({ schema }: { schema?: object }): boolean {
  return schema !== undefined && 'required' in schema;
}
