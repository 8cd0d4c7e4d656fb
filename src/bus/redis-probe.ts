// A look at a Redis server that changes nothing there: for whoever wants to know whether it would do.
import { createClient } from 'redis';

export interface RedisFacts {
  version: string;
  /** Milliseconds since 1970 by its clock. */
  clockMs: number;
  /** `maxmemory-policy`; null when the account may not read settings. */
  policy: string | null;
  appendOnly: boolean | null;
}

/** Rejects with the driver's error when it does not answer within `ms`, or refuses. */
export async function probeRedis(url: string, ms: number): Promise<RedisFacts> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: ms },
    socket: { connectTimeout: ms, reconnectStrategy: false },
  });
  // Failures are those of the calls below; without a listener they would end the process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const [info, time] = await Promise.all([client.info('server'), client.sendCommand(['TIME'])]);
    const [seconds, micros] = Array.isArray(time) ? time.map(Number) : [];
    const settings = await client.configGet(['maxmemory-policy', 'appendonly']).catch(() => null);
    return {
      version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'of an unknown version',
      clockMs: (seconds ?? 0) * 1_000 + (micros ?? 0) / 1_000,
      policy: settings?.['maxmemory-policy'] ?? null,
      appendOnly: settings?.appendonly === undefined ? null : settings.appendonly === 'yes',
    };
  } finally {
    client.destroy();
  }
}
