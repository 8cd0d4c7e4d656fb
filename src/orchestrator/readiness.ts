// Whether this process can do its work: what it depends on answers in time.
import type { z } from 'zod';
import type { readyzResponse } from '../protocol/api.ts';
import type { Parts } from './parts.ts';

const ANSWER_MS = 1_000;

export async function checkReadiness(parts: Parts): Promise<z.infer<typeof readyzResponse>> {
  const [database, bus] = await Promise.all([
    check(parts, () => parts.db.query('select 1')),
    check(parts, () => parts.bus.listAgents()),
  ]);
  const scheduler = parts.isSchedulerAlive() ? 'ok' : 'no process leads the scheduling yet';
  const ready = [database, bus, scheduler].every((result) => result === 'ok');
  return { status: ready ? 'ready' : 'not_ready', checks: { database, bus, scheduler } };
}

/** `ok`, or what is wrong: in general words, since anybody may ask. */
async function check({ clock, logger }: Parts, ask: () => Promise<unknown>): Promise<string> {
  let cancel = () => {};
  const late = new Promise<string>((resolve) => {
    cancel = clock.after(ANSWER_MS, () => resolve(`does not answer within ${ANSWER_MS} ms`));
  });
  const asked = ask().then(
    () => 'ok',
    (error: unknown) => {
      logger.warn({ err: error }, 'a readiness check failed');
      return 'answers with an error';
    },
  );
  return Promise.race([asked, late]).finally(cancel);
}
