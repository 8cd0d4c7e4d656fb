import { expect, it } from 'vitest';
import { openFixture, planOf } from '../../tests/contract/orchestrator-fixture.ts';
import { gate } from '../../tests/support/gate.ts';
import { newId } from '../store/ids.ts';
import { TaskIntake } from './task-intake.ts';

const task = () => ({
  id: newId('task'),
  description: 'Calculate the factorial of five',
  user_id: 'alice',
  plan: planOf([{ description: 'Calculate all of it' }]),
});

it('refuses tasks while a thousand wait for the database, and stores those that waited', async () => {
  const { deps, close } = await openFixture();
  const stuck = gate();
  const db = Object.assign(Object.create(deps.db), {
    transaction: async (work: never) => {
      await stuck.passed;
      return deps.db.transaction(work);
    },
  });
  const intake = new TaskIntake({ ...deps, db });
  const first = intake.add(task());
  // The first batch is under way.
  await new Promise<void>((resolve) => setImmediate(resolve));
  const waiting = Array.from({ length: 1_000 }, () => intake.add(task()));
  await expect(intake.add(task())).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('1000 tasks wait'),
  });
  stuck.open();
  const stored = await Promise.all([first, ...waiting]);
  expect(new Set(stored.map((one) => one.id)).size).toBe(1_001);
  expect(await intake.add(task())).toMatchObject({ outcome: 'created', subtasks: 1 });
  await close();
});
