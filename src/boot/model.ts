// Which model answers, and how both SDKs reach it.
import Anthropic from '@anthropic-ai/sdk';
import { type Config, modelInUse } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { startOfflineModel } from '../offline/server.ts';

export interface ModelAccess {
  kind: 'claude' | 'offline';
  apiKey: string | undefined;
  authToken: string | undefined;
  baseUrl: string | undefined;
  close: () => Promise<void>;
}

const CREDENTIALS = 'set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN or ANTHROPIC_BASE_URL)';

/** For processes that never ask a model. */
export const NO_MODEL: ModelAccess = {
  kind: 'offline',
  apiKey: undefined,
  authToken: undefined,
  baseUrl: undefined,
  close: async () => undefined,
};

/** As `openModel`, for services of their own: they guess nothing, since each would have an offline model of its own. */
export async function openChosenModel(config: Config): Promise<ModelAccess> {
  if (config.MUSTER_MODEL === 'offline' || modelInUse(config) === 'claude') return openModel(config);
  const message = `no model to work with: ${CREDENTIALS} for Claude, or MUSTER_MODEL=offline for the offline model`;
  throw new AppError('invalid_request', message, { field: 'ANTHROPIC_API_KEY' });
}

/** Starts the offline model when that is the one in use, unless one runs already at ANTHROPIC_BASE_URL. */
export async function openModel(config: Config): Promise<ModelAccess> {
  if (modelInUse(config) === 'offline') {
    if (config.ANTHROPIC_BASE_URL) return { ...NO_MODEL, apiKey: 'offline', baseUrl: config.ANTHROPIC_BASE_URL };
    const server = await startOfflineModel();
    return {
      kind: 'offline',
      apiKey: 'offline',
      authToken: undefined,
      baseUrl: server.url,
      close: () => server.close(),
    };
  }
  if (!config.ANTHROPIC_API_KEY && !config.ANTHROPIC_AUTH_TOKEN && !config.ANTHROPIC_BASE_URL) {
    const message = `MUSTER_MODEL is claude, but there is no credential: ${CREDENTIALS}, or leave MUSTER_MODEL out`;
    throw new AppError('invalid_request', message, { field: 'MUSTER_MODEL' });
  }
  return {
    kind: 'claude',
    apiKey: config.ANTHROPIC_API_KEY,
    authToken: config.ANTHROPIC_AUTH_TOKEN,
    baseUrl: config.ANTHROPIC_BASE_URL,
    close: async () => undefined,
  };
}

/** The client of planner and summary; how often it asks again, and how long it waits, each question says. */
export function createModelClient(access: ModelAccess): Anthropic {
  return new Anthropic({
    apiKey: access.apiKey ?? null,
    authToken: access.authToken ?? null,
    ...(access.baseUrl && { baseURL: access.baseUrl }),
  });
}
