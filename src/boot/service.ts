// What every process of Muster does around its own work: read the settings, start all of it or nothing, say so, run until
// told to stop, stop in reverse order.
import { once } from 'node:events';
import { type Config, loadEnvFile, readConfig, secretsOf } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { createLogger, type Logger } from '../log.ts';
import { Closers } from './closers.ts';

/** How a service speaks to whoever started it. */
export interface Voice {
  /** What the start waits for from now on, in a word or two. */
  step(what: string): void;
  /** It is up: for a person, and for a program. */
  up(words: string, facts: Readonly<Record<string, unknown>>): void;
  stopping(words: string): void;
}

export interface StartContext {
  config: Config;
  logger: Logger;
  /** Takes whatever is opened; what was added is closed when a later step fails. */
  closers: Closers;
  /** Aborts when the process is told to stop while it still waits for a server. */
  signal: AbortSignal;
  step: Voice['step'];
}

export interface Service<Started> {
  /** In traces. */
  name: string;
  start(context: StartContext): Promise<Started>;
  /** Printed when it is up. */
  banner(config: Config, started: Started): string;
  /** The same for a program. */
  facts(started: Started): Readonly<Record<string, unknown>>;
}

export type Running<Started> = Started & { stop(): Promise<void> };

export async function startService<Started extends object>(
  service: Service<Started>,
  settings: Omit<StartContext, 'closers'>,
): Promise<Running<Started>> {
  const closers = new Closers();
  try {
    closers.add(await startTracing(service.name, settings.config));
    const started = await service.start({ ...settings, closers });
    settings.signal.throwIfAborted();
    return { ...started, stop: () => closers.closeAll() };
  } catch (error) {
    await closers.closeAll();
    throw explainPort(error);
  }
}

/** The SDK behind it is loaded only when there is somewhere to send spans to. */
async function startTracing(name: string, config: Config): Promise<() => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: serviceName = name } = config;
  if (!endpoint) return async () => undefined;
  const provider = await import('../telemetry/tracing-provider.ts');
  return provider.startTracing({ endpoint, serviceName });
}

/** Resolves when the process was told to stop and everything is closed. */
export async function runService<Started extends object>(service: Service<Started>, voice: Voice): Promise<void> {
  loadEnvFile();
  const config = readConfig(process.env);
  const stop = new AbortController();
  const stopRequested = once(stop.signal, 'abort');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const settings = {
    config,
    logger: createLogger(config.LOG_LEVEL, { secrets: secretsOf(config) }),
    signal: stop.signal,
    step: voice.step,
  };
  const running = await startService(service, settings).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  if (!running) return voice.stopping('Stopped before it was up.');
  voice.up(service.banner(config, running), service.facts(running));
  await stopRequested;
  voice.stopping('Stopping; unfinished tasks go on at the next start.');
  await running.stop();
}

/** A taken port is the commonest trouble at a start, and deserves more than EADDRINUSE. */
function explainPort(error: unknown): unknown {
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code !== 'EADDRINUSE') return error;
  const mend =
    'stop what listens there, or choose another (DASHBOARD_PORT, ORCHESTRATOR_PORT, AGENT_BASE_PORT, AGENT_PORT, OFFLINE_PORT)';
  return new AppError('unavailable', `port ${port} on ${address} is taken: ${mend}`, { cause: error });
}

/** The value of a setting that this process cannot do without. */
export function required<Value>(name: keyof Config, value: Value | undefined, why: string): Value {
  if (value !== undefined) return value;
  throw new AppError('invalid_request', `${name} is not set: ${why}`, { field: name });
}
