import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runInSandbox } from './run-code.ts';

const limits = { timeMs: 5_000, memoryBytes: 64 * 1024 * 1024, signal: new AbortController().signal };
const run = (code: string, input?: unknown) => runInSandbox({ code, input }, limits);
const resultOf = async (code: string, input?: unknown) => (await run(code, input)).result;

const threads: Worker[] = [];
const note = (worker: Worker) => threads.push(worker);

beforeAll(() => void process.on('worker', note));
afterAll(() => void process.off('worker', note));

afterEach(() => {
  // A thread that has ended has the id -1.
  expect(threads.splice(0).filter((thread) => thread.threadId !== -1)).toEqual([]);
});

describe('a result', () => {
  it.each([
    ['1 + 1', 2],
    ['const x = 3; x * 2', 6],
    ['return 7', 7],
    ['if (true) { return [1] }\nreturn 2', [1]],
    ['await Promise.resolve(4)', 4],
    ['const x = await Promise.resolve(4); x + 1', 5],
    ['return await (async () => 8)()', 8],
    ['Promise.resolve(new Map([["a", 1]]))', { a: 1 }],
    ['let f = 1n; for (let i = 1n; i <= 25n; i++) f *= i; f', '15511210043330985984000000'],
    ['undefined', null],
    ['null', null],
    ['', null],
    [
      '[undefined, NaN, -Infinity, 2n, Symbol("s"), () => 1, function named() {}]',
      [null, 'NaN', '-Infinity', '2', 'Symbol(s)', '[function anonymous]', '[function named]'],
    ],
    [
      '({ a: new Set([1, 2n]), b: new Map([[1, "x"]]), c: new Date(0), d: /x/g, e: new RangeError("m") })',
      { a: [1, '2'], b: [[1, 'x']], c: '1970-01-01T00:00:00.000Z', d: '/x/g', e: { name: 'RangeError', message: 'm' } },
    ],
    ['[new Uint8Array([1, 2]), new Uint8Array([3]).buffer, { toJSON: () => 5n }]', [[1, 2], [3], '5']],
    ['const o = { name: "o" }; o.self = o; o', { name: 'o', self: '[circular]' }],
    ['({ ["__proto__"]: 1 })', JSON.parse('{"__proto__": 1}')],
    ['typeof process + typeof require + typeof fetch + typeof setTimeout + typeof WebAssembly', 'undefined'.repeat(5)],
    ['this.constructor.constructor("return typeof process")()', 'undefined'],
  ])('of %j is %j', async (code, expected) => {
    expect(await resultOf(code)).toEqual(expected);
  });

  it('sees its input as a global', async () => {
    expect(await resultOf('input.values.reduce((a, b) => a + b, 0)', { values: [1, 2, 3] })).toBe(6);
    expect(await resultOf('input')).toBe(null);
    expect(await resultOf('input', '\u2028"\\')).toBe('\u2028"\\');
  });

  it('that is huge or deep is cut with a note', async () => {
    expect(await resultOf('new Array(50000).fill(1)')).toMatch(
      /^\[1,1,.*\[truncated: 40000 of 100001 characters; return less\]$/,
    );
    expect(JSON.stringify(await resultOf('let a = []; for (let i = 0; i < 10000; i++) a = [a]; a'))).toContain(
      '[too deep]',
    );
  });

  it('comes with what the code logged, within bounds', async () => {
    const { logs, duration_ms } = await run('console.log("a", 1, { b: 2n }); console.error([undefined])');
    expect(logs).toEqual(['a 1 {"b":"2"}', '[null]']);
    expect(duration_ms).toBeGreaterThanOrEqual(0);
    const many = await run('for (let i = 0; i < 1e4; i++) console.log("x".repeat(1e4))');
    expect(many.logs).toHaveLength(101);
    expect(many.logs[0]).toHaveLength(501);
    expect(many.logs[100]).toBe('[only the first 100 lines are kept]');
  });
});

describe('wrong code', () => {
  it.each([
    ['let = ;', /code: SyntaxError: .* \(line 1\)/],
    ['\n\nx.y', /code: ReferenceError: 'x' is not defined \(line 3\)/],
    ['\nreturn x', /code: ReferenceError: 'x' is not defined \(line 2\)/],
    ['throw { a: 1 }', /code: threw \{"a":1\}/],
    ['throw undefined', /code: threw/],
    ['(async () => { throw new TypeError("late") })()', /code: TypeError: late/],
    ['new Promise(() => {})', /nothing will ever settle/],
    ['(function f() { return f() + 1 })()', /stack overflow/],
    ['JSON.parse("[".repeat(100000))', /stack overflow/],
    ['import("fs")', /could not load module 'fs'/],
    ['({ toJSON() { throw new Error("no") } })', /code: Error: no/],
    ['console.log("before"); null.x', /cannot read property 'x' of null \(line 1\)\nlogs:\nbefore/],
  ])('%j is answered with its error', async (code, reason) => {
    await expect(run(code)).rejects.toThrow(reason);
  });

  it('is told when its input is too large', async () => {
    await expect(run('1', 'x'.repeat(1_000_001))).rejects.toThrow(/^input: 1000003 characters of JSON/);
  });
});

describe('a limit', () => {
  const brief = { ...limits, timeMs: 300 };
  // On a slow machine too, the limit under test must be the one that is met.
  const patient = { ...limits, timeMs: 25_000 };

  it.each([
    'while (true) {}',
    'await (async () => { while (true) {} })()',
    'new Proxy({}, { ownKeys() { while (true) {} } })',
    '/(a+)+$/.test("a".repeat(40) + "b")',
    'for (;;) { try { for (;;) {} } catch {} }',
    '(async function again() { await null; return again() })()',
  ])('of time ends %j', async (code) => {
    const started = performance.now();
    await expect(runInSandbox({ code }, brief)).rejects.toThrow(/code: stopped after 300 ms; look for an endless loop/);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('of time ends one native operation that never looks at the clock, without blocking this process', async () => {
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 10);
    await expect(runInSandbox({ code: 'Array.prototype.sort.call({ length: 2 ** 53 - 1 })' }, brief)).rejects.toThrow(
      /code: stopped after 300 ms; look for an endless loop, or do less at a time/,
    );
    clearInterval(turning);
    expect(turns).toBeGreaterThan(5);
  });

  it.each([
    'const a = new Map(); for (let i = 0; ; i++) a.set(i, new Uint32Array(1e6))',
    'let s = "ab"; for (let i = 0; i < 26; i++) s += s; s',
    'new Uint8Array(100e6)',
    '[].concat(...Array(100).fill(Array(1e5).fill(0))).length',
  ])('of memory ends %j', async (code) => {
    await expect(runInSandbox({ code }, patient)).rejects.toThrow(/code: out of memory: it needs more than 64 MB/);
  });

  it('of memory leaves the next run untouched', async () => {
    const bomb = 'const a = []; while (true) a.push(new Uint32Array(1e6))';
    await expect(runInSandbox({ code: bomb }, patient)).rejects.toThrow(/out of memory/);
    expect(await resultOf('1')).toBe(1);
  });
});

it('ends at once when the signal aborts, and leaves no thread behind', async () => {
  const abort = new AbortController();
  const running = runInSandbox({ code: 'while (true) {}' }, { ...limits, timeMs: 60_000, signal: abort.signal });
  setImmediate(() => abort.abort(new Error('over')));
  await expect(running).rejects.toThrow('over');
  await expect(runInSandbox({ code: '1' }, { ...limits, signal: abort.signal })).rejects.toThrow('over');
  expect(threads.map((thread) => thread.threadId)).toEqual([-1]);
});
