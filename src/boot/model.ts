// Which model answers, and how both SDKs reach it.
import Anthropic from '@anthropic-ai/sdk';
import { type Config, modelInUse } from '../config.ts';
import { startOfflineModel } from '../offline/server.ts';

export interface ModelAccess {
  kind: 'claude' | 'offline';
  apiKey: string | undefined;
  authToken: string | undefined;
  baseUrl: string | undefined;
  close: () => Promise<void>;
}

/** Starts the offline model when that is the one in use. */
export async function openModel(config: Config): Promise<ModelAccess> {
  if (modelInUse(config) === 'offline') {
    const server = await startOfflineModel();
    return {
      kind: 'offline',
      apiKey: 'offline',
      authToken: undefined,
      baseUrl: server.url,
      close: () => server.close(),
    };
  }
  return {
    kind: 'claude',
    apiKey: config.ANTHROPIC_API_KEY,
    authToken: config.ANTHROPIC_AUTH_TOKEN,
    baseUrl: config.ANTHROPIC_BASE_URL,
    close: async () => undefined,
  };
}

/** The client of planner and summary. Its retries are the only ones there. */
export function createModelClient(access: ModelAccess): Anthropic {
  return new Anthropic({
    apiKey: access.apiKey ?? null,
    authToken: access.authToken ?? null,
    ...(access.baseUrl && { baseURL: access.baseUrl }),
    maxRetries: 2,
    timeout: 120_000,
  });
}
