// A parameter that no route reads is refused: a misspelt filter would otherwise be ignored without a word, and the answer
// be taken for what it is not.
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { suggestWord } from '../domain/nearest.ts';

export function refuseUnknownParameters({ query, routeOptions }: FastifyRequest): void {
  // An address without a route is answered by what answers those.
  if (!routeOptions.schema) return;
  const { querystring } = routeOptions.schema;
  const known = querystring instanceof z.ZodObject ? Object.keys(querystring.shape) : [];
  const field = Object.keys(query ?? {})
    .find((name) => !known.includes(name))
    ?.slice(0, 100);
  if (field === undefined) return;
  const message = `${JSON.stringify(field)} is no parameter of ${routeOptions.method} ${routeOptions.url}: ${suggestWord(field, known)}`;
  throw new AppError('invalid_request', message, { field });
}
