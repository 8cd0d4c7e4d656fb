// Signing in: a person pastes an API key once, and the browser keeps it in a cookie that no script can read and no other site
// can make it send. The proxy turns it into the bearer that the orchestrator asks for. Nothing is kept here.
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { errorResponse } from '../protocol/agent-api.ts';
import { bearer } from '../protocol/agent-trust.ts';
import { type Me, meResponse } from '../protocol/keys-api.ts';
import type { DashboardApp } from './guard.ts';
import { orchestratorAway } from './orchestrator-away.ts';

const COOKIE = 'muster_key';
/** Sent to the API only. Thirty days; the key itself may be revoked any time before. */
const ATTRIBUTES = 'Path=/api; HttpOnly; SameSite=Strict';
const MAX_AGE_SECONDS = 30 * 24 * 60 * 60;
const ANSWER_MS = 10_000;

/** Characters that need no escaping in a cookie. */
const key = z.string().regex(/^[\w.~+/=-]{1,300}$/, 'is no API key: paste it whole, without spaces');
const signInBody = z.object({ key });

export function addSession(app: DashboardApp, orchestratorUrl: string): void {
  app.post('/session', async (request, reply) => {
    const body = signInBody.safeParse(request.body);
    if (!body.success) throw new AppError('invalid_request', wordsOf(body.error), { field: 'key' });
    const me = await askWho(orchestratorUrl, body.data.key);
    const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
    return reply
      .header('set-cookie', `${COOKIE}=${body.data.key}; ${ATTRIBUTES}; Max-Age=${MAX_AGE_SECONDS}${secure}`)
      .header('cache-control', 'no-store')
      .send(me);
  });

  app.delete('/session', async (_request, reply) =>
    reply.status(204).header('set-cookie', `${COOKIE}=; ${ATTRIBUTES}; Max-Age=0`).send(),
  );
}

/** The credentials with which a request goes on: those it brings, else the key of its cookie. */
export function authorizationOf({ authorization, cookie = '' }: IncomingHttpHeaders): string | undefined {
  if (authorization !== undefined) return authorization;
  const pair = cookie.split(/; */).find((one) => one.startsWith(`${COOKIE}=`));
  const kept = key.safeParse(pair?.slice(COOKIE.length + 1));
  return kept.success ? bearer(kept.data).authorization : undefined;
}

function wordsOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue?.code === 'invalid_format' ? `key ${issue.message}` : 'key is missing: send {"key": "…"}';
}

/** Throws what the orchestrator says against the key. */
async function askWho(orchestratorUrl: string, shown: string): Promise<Me> {
  const url = new URL('me', orchestratorUrl.endsWith('/') ? orchestratorUrl : `${orchestratorUrl}/`);
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(url, { headers: bearer(shown), signal }).catch((error: Error) => {
    throw orchestratorAway(orchestratorUrl, error);
  });
  const body: unknown = await answer.json().catch(() => null);
  const me = meResponse.safeParse(body);
  if (answer.ok && me.success) return me.data;
  const said = errorResponse.safeParse(body).data?.detail ?? `it answered ${answer.status}`;
  if (answer.status === 401) throw new AppError('unauthorized', said, { field: 'key' });
  const retryAfter = Number(answer.headers.get('retry-after')) || 60;
  if (answer.status === 429) throw new AppError('rate_limited', said, { retryAfter });
  throw orchestratorAway(orchestratorUrl, new Error(said));
}
