import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('turns', () => {
  it('are none before anybody had one', () => {
    const turns = new Turns();
    expect(turns.of('ada')).toBe(0);
    turns.join('ada');
    expect(turns.of('ada')).toBe(0);
  });

  it('begin for whoever joins where those are who had the fewest', () => {
    const turns = new Turns();
    for (const user of ['ada', 'bob']) turns.join(user);
    for (const user of ['ada', 'ada', 'ada', 'bob', 'bob']) turns.count(user);
    turns.join('cid');
    expect(turns.of('cid')).toBe(2);
    turns.join('ada');
    expect(turns.of('ada')).toBe(3);
  });

  it('are given back only by those who had one', () => {
    const turns = new Turns();
    turns.join('ada');
    turns.count('ada');
    turns.giveBack('ada');
    turns.giveBack('nobody');
    expect([turns.of('ada'), turns.of('nobody')]).toEqual([0, 0]);
  });

  it('are kept for those who are named, and forgotten of the others', () => {
    const turns = new Turns();
    for (const user of ['ada', 'bob', 'ada', 'ada']) {
      turns.join(user);
      turns.count(user);
    }
    turns.forgetAllBut(['ada', 'cid']);
    expect([turns.of('ada'), turns.of('bob')]).toEqual([3, 0]);
    turns.join('bob');
    expect(turns.of('bob')).toBe(3);
  });

  it('are always joined at the fewest, whatever came before', () => {
    const user = fc.constantFrom('a', 'b', 'c', 'd');
    const move = fc.constantFrom<Move[]>('join', 'count', 'giveBack', 'forget', 'forgetOthers');
    fc.assert(
      fc.property(fc.array(fc.tuple(move, user), { maxLength: 40 }), (steps) => {
        const turns = new Turns();
        const model = new Map<string, number>();
        for (const [move, user] of steps) {
          MOVES[move](turns, model, user);
          for (const one of ['a', 'b', 'c', 'd']) expect(turns.of(one)).toBe(model.get(one) ?? 0);
        }
      }),
    );
  });
});

type Move = 'join' | 'count' | 'giveBack' | 'forget' | 'forgetOthers';

/** What is asked of the turns, and what a plain map says of it. */
const MOVES: Record<Move, (turns: Turns, model: Map<string, number>, user: string) => void> = {
  join(turns, model, user) {
    if (!model.has(user)) model.set(user, model.size > 0 ? Math.min(...model.values()) : 0);
    turns.join(user);
  },
  count(turns, model, user) {
    MOVES.join(turns, model, user);
    model.set(user, (model.get(user) ?? 0) + 1);
    turns.count(user);
  },
  giveBack(turns, model, user) {
    const had = model.get(user);
    if (had !== undefined) model.set(user, had - 1);
    turns.giveBack(user);
  },
  forget(turns, model, user) {
    model.delete(user);
    turns.forget(user);
  },
  forgetOthers(turns, model, user) {
    for (const other of [...model.keys()]) if (other !== user) model.delete(other);
    turns.forgetAllBut([user]);
  },
};
