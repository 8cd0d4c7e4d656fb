// Who gets in. Every route says in its `config.access` who may call it; one that says nothing is for operators. A request is
// judged before its body is read: its key, how often that key asked, its role, and then whose task it names.
import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';
import { includes, type Role } from '../domain/role.ts';
import { isLoopback } from '../protocol/agent-trust.ts';
import { refuseCrossSiteChange, refuseForeignHost } from '../protocol/browser-guard.ts';
import { isAgent } from './agent-only.ts';
import type { App } from './app.ts';
import { ANYBODY, type Caller } from './caller.ts';
import { KeyRing } from './key-ring.ts';
import type { OrchestratorConfig, OrchestratorDeps } from './parts.ts';
import { TaskOwners } from './task-owners.ts';
import { unknownTask } from './task-response.ts';

/** The least role that may call a route. `open`: anybody at all. `agent`: agents, by the token they share with us. */
export type Access = 'open' | 'agent' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default: operate. */
    access?: Access;
  }
  interface FastifyRequest {
    caller: Caller;
  }
}

/** Loopback, no given keys, no limit. */
const DEFAULTS = { host: '127.0.0.1', apiKeys: [], rateLimit: null } as const;

export interface AccessParts {
  ring: KeyRing;
  owners: TaskOwners;
}

export async function addAccess(app: App, deps: OrchestratorDeps): Promise<AccessParts> {
  const settings = deps.config.access ?? DEFAULTS;
  const ring = new KeyRing(deps, settings);
  const owners = new TaskOwners(deps.db);
  const limit = await createLimits(app, settings.rateLimit);
  const door = { ring, limit, config: deps.config, isLocal: isLoopback(settings.host) };
  app.addHook('onClose', () => ring.close());
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    refuseCrossSiteChange(request);
    await admit(request, door);
  });
  app.addHook<{ Params: { task_id?: string } }>('preValidation', async ({ caller, params: { task_id } }) => {
    if (task_id !== undefined && !(await owners.isSeenBy(caller, task_id))) throw unknownTask(task_id);
  });
  return { ring, owners };
}

interface Door {
  ring: KeyRing;
  limit: Limits;
  config: OrchestratorConfig;
  isLocal: boolean;
}

/** Sets the caller. */
async function admit(request: FastifyRequest, door: Door): Promise<void> {
  const needed = accessTo(request);
  request.caller = ANYBODY;
  if (needed === 'open') return door.isLocal ? undefined : door.limit.address(request);
  if (needed === 'agent') return admitAgent(request, door);
  request.caller = await identify(request, door);
  const { caller } = request;
  if (caller.key_id !== null) await door.limit.key(request);
  if (includes(caller.role, needed)) return;
  const message = `role ${caller.role} of this API key does not allow ${request.method} ${request.routeOptions.url}: use a key with role ${needed}`;
  throw new AppError('forbidden', message);
}

/** Whoever holds any key may hear that there is no such route. */
function accessTo({ is404, routeOptions }: FastifyRequest): Access {
  return is404 ? 'read' : (routeOptions.config.access ?? 'operate');
}

/** A key that is shown counts, even where none is asked for. */
async function identify(request: FastifyRequest, { ring, limit }: Door): Promise<Caller> {
  const { authorization } = request.headers;
  const caller = authorization === undefined ? null : await ring.find(bearerOf(authorization));
  if (caller) return caller;
  if (authorization === undefined && !(await ring.asksForKeys())) {
    refuseForeignHost(request);
    return ANYBODY;
  }
  await limit.address(request);
  const what = authorization === undefined ? 'no API key was shown' : 'this API key is unknown or was revoked';
  const mend = `${what}: send "Authorization: Bearer KEY" with a key that \`muster keys create\` made`;
  throw new AppError('unauthorized', mend, { field: 'authorization' });
}

/** Empty when it is no bearer: no key hashes like that. */
function bearerOf(authorization: string): string {
  return /^bearer +(\S{1,300})$/i.exec(authorization)?.[1] ?? '';
}

async function admitAgent(request: FastifyRequest, { ring, limit, config }: Door): Promise<void> {
  if (isAgent(request.headers.authorization, config)) return;
  if (config.agentToken === undefined && !(await ring.asksForKeys())) return refuseForeignHost(request);
  await limit.address(request);
  const mend =
    'authorization must be "Bearer …" with the MUSTER_AGENT_TOKEN that this orchestrator shares with its agents';
  throw new AppError('unauthorized', mend, { field: 'authorization' });
}

const WINDOW_MS = 60_000;

interface Limits {
  /** Counts a request of its caller's key. Throws rate_limited. */
  key(request: FastifyRequest): Promise<void>;
  /** Counts a request that came without a valid key. Throws rate_limited. */
  address(request: FastifyRequest): Promise<void>;
}

/** In this process's memory: keys and addresses apart, so that many addresses cannot push out what is known of the keys. */
async function createLimits(app: App, max: number | null): Promise<Limits> {
  if (max === null) return { key: async () => undefined, address: async () => undefined };
  await app.register(rateLimit, { global: false, max, timeWindow: WINDOW_MS });
  const byKey = app.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator: ({ caller }) => caller.key_id ?? '' });
  const byAddress = app.createRateLimit({ max, timeWindow: WINDOW_MS });
  const refuse = (limited: Awaited<ReturnType<typeof byKey>>, who: string) => {
    if (limited.isAllowed || !limited.isExceeded) return;
    const retryAfter = Math.max(1, limited.ttlInSeconds);
    const message = `${who} asked more than ${max} times in a minute: go on in ${retryAfter} s, or raise RATE_LIMIT`;
    throw new AppError('rate_limited', message, { retryAfter });
  };
  return {
    key: async (request) => refuse(await byKey(request), 'this API key'),
    address: async (request) => refuse(await byAddress(request), 'this address, without a valid API key,'),
  };
}
