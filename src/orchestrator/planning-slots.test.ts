import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../tests/support/manual-clock.ts';
import type { Applicant } from './planning-line.ts';
import { PlanningSlots } from './planning-slots.ts';

const MINUTE = 60_000;

let clock: ManualClock;
let slots: PlanningSlots;
/** By task: what gives its slot back. In the order in which they came in. */
let inside: Map<string, () => void>;
beforeEach(() => {
  clock = createManualClock();
  inside = new Map();
  slots = new PlanningSlots(clock, 2);
});

/** Asks for a slot; whoever aborts the controller wants it no more. */
function apply(task_id: string, given: Partial<Applicant> = {}) {
  const wanted = new AbortController();
  const entered = slots
    .enter({ task_id, user_id: 'ann', since: clock.now(), ...given }, wanted.signal)
    .then((leave) => {
      inside.set(task_id, leave);
    });
  entered.catch(() => undefined);
  return { entered, abort: (reason: Error) => wanted.abort(reason) };
}

/** What became due has been told. */
const settled = () => new Promise(setImmediate);

async function whoIsIn(): Promise<string[]> {
  await settled();
  return slots.list().planning.toSorted();
}

/** The tasks in the order in which they come in, when each goes as soon as it is in. */
async function order(): Promise<string[]> {
  const came: string[] = [];
  for (let [next] = inside; next; [next] = inside) {
    came.push(next[0]);
    inside.delete(next[0]);
    next[1]();
    await settled();
  }
  return came;
}

describe('planning slots', () => {
  it('let in no more than there are, and the next one the moment one is given back', async () => {
    for (const id of ['a', 'b', 'c', 'd']) apply(id);
    expect(await whoIsIn()).toEqual(['a', 'b']);
    expect([slots.planning, slots.waiting]).toEqual([2, 2]);
    inside.get('a')?.();
    expect(await whoIsIn()).toEqual(['b', 'c']);
    // Given back once more, it is not another's.
    inside.get('a')?.();
    expect(await whoIsIn()).toEqual(['b', 'c']);
  });

  it('are free at once when the task inside is wanted no more, whatever its planner does', async () => {
    const hanging = apply('a');
    for (const id of ['b', 'c']) apply(id);
    await settled();
    hanging.abort(new Error('cancelled'));
    expect(await whoIsIn()).toEqual(['b', 'c']);
    inside.get('a')?.();
    expect(await whoIsIn()).toEqual(['b', 'c']);
  });

  it('are left alone by who is wanted no more in line, or was never', async () => {
    for (const id of ['a', 'b']) apply(id);
    const gone = apply('c');
    apply('d');
    const reason = new Error('cancelled');
    gone.abort(reason);
    await expect(gone.entered).rejects.toBe(reason);
    await expect(
      slots.enter({ task_id: 'e', user_id: 'ann', since: clock.now() }, AbortSignal.abort(reason)),
    ).rejects.toBe(reason);
    expect(slots.waiting).toBe(1);
    inside.get('a')?.();
    expect(await whoIsIn()).toEqual(['b', 'd']);
  });

  it('go to users in turn, and to the oldest task of each', async () => {
    slots = new PlanningSlots(clock, 1);
    const submitted = (minute: number) => ({ since: new Date(clock.now().getTime() + minute) });
    for (const [nth, id] of ['a1', 'a2', 'a3', 'a4'].entries()) apply(id, { user_id: 'ann', ...submitted(nth) });
    apply('b2', { user_id: 'ben', ...submitted(20) });
    apply('b1', { user_id: 'ben', ...submitted(10) });
    apply('c1', { user_id: 'cid', ...submitted(30) });
    await settled();
    // Who comes new begins where the others are: after one more of Ann's.
    expect(await order()).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('go to users in turn however long the backlog of one of them has waited', async () => {
    slots = new PlanningSlots(clock, 1);
    const since = clock.now();
    clock.advance(60 * MINUTE);
    for (const id of ['a1', 'a2', 'a3', 'a4', 'a5']) apply(id, { since });
    for (const id of ['b1', 'b2']) apply(id, { user_id: 'ben' });
    await settled();
    expect(await order()).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4', 'a5']);
  });

  it('go to a user who has had none for more than ten minutes, once, however often others come', async () => {
    const hasLeft = async (id: string) => {
      inside.get(id)?.();
      return (await whoIsIn()).filter((other) => other !== 'hangs');
    };
    // Who comes new begins where the one is whose planner hangs.
    apply('hangs', { user_id: 'hal' });
    for (const id of ['a1', 'a2', 'a3', 'a4']) apply(id);
    await settled();
    expect(await hasLeft('a1')).toEqual(['a2']);
    apply('ben', { user_id: 'ben' });
    expect(await hasLeft('a2')).toEqual(['ben']);
    clock.advance(10 * MINUTE);
    apply('cid', { user_id: 'cid' });
    expect(await hasLeft('ben')).toEqual(['cid']);
    clock.advance(1);
    for (const id of ['dan', 'eve']) apply(id, { user_id: id });
    expect(await hasLeft('cid')).toEqual(['a3']);
    expect(await hasLeft('a3')).toEqual(['dan']);
    expect(await hasLeft('dan')).toEqual(['eve']);
    expect(await hasLeft('eve')).toEqual(['a4']);
  });

  it('do not go to who backs off before it is time, and keep nobody else waiting for that', async () => {
    const until = new Date(clock.now().getTime() + 5_000);
    apply('later', { notBefore: until });
    apply('now');
    expect(await whoIsIn()).toEqual(['now']);
    expect(slots.list().waiting).toEqual([{ task_id: 'later', until }]);
    clock.advance(4_999);
    expect(await whoIsIn()).toEqual(['now']);
    clock.advance(1);
    expect(await whoIsIn()).toEqual(['later', 'now']);
  });

  it('let nobody in during a pause, and those who wait after it', async () => {
    apply('a');
    await settled();
    const until = new Date(clock.now().getTime() + 30_000);
    slots.pauseUntil(until);
    slots.pauseUntil(new Date(clock.now().getTime() + 1_000));
    for (const id of ['b', 'c']) apply(id, { user_id: id });
    inside.get('a')?.();
    expect(await whoIsIn()).toEqual([]);
    expect(slots.list().waiting).toEqual([
      { task_id: 'b', until },
      { task_id: 'c', until },
    ]);
    clock.advance(29_999);
    expect(await whoIsIn()).toEqual([]);
    clock.advance(1);
    expect(await whoIsIn()).toEqual(['b', 'c']);
  });
});
