// The thread in which run_code runs the model's JavaScript: QuickJS in WebAssembly, which has no files, no network and no
// process to reach. It keeps its own limits; run-code.ts, which starts it, ends the thread when they do not hold.
// Plain JavaScript, because a thread is loaded by Node itself, from the sources and from the build alike.
import { parentPort, workerData } from 'node:worker_threads';
import { getQuickJS } from 'quickjs-emscripten';
import { prelude } from './sandbox-prelude.js';

/** @typedef {import('quickjs-emscripten').QuickJSContext} QuickJSContext */
/** @typedef {import('quickjs-emscripten').QuickJSHandle} QuickJSHandle */

const FILE = 'code.js';
const LIMITS = { resultChars: 40_000, logLines: 100, logLineChars: 500 };
const STACK_BYTES = 256 * 1024;
// The flags of JS_Eval: a script whose value is that of its last expression, in which `await` may stand at the top.
const ASYNC = 1 << 7;
const COMPILE_ONLY = 1 << 5;

/** A failure of the model's code, to be told to the model. */
class CodeFailure extends Error {}

/** @param {{code: string, inputJson: string, timeMs: number, memoryBytes: number}} job */
async function run({ code, inputJson, timeMs, memoryBytes }) {
  const quickjs = await getQuickJS();
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(memoryBytes);
  runtime.setMaxStackSize(STACK_BYTES);
  const vm = runtime.newContext();
  const helpers = loadPrelude(vm, inputJson);

  parentPort?.postMessage({ type: 'started' });
  const started = performance.now();
  let interrupted = false;
  runtime.setInterruptHandler(() => {
    interrupted ||= performance.now() - started > timeMs;
    return interrupted;
  });
  const outcome = attempt(() => evaluate(vm, helpers, code), memoryBytes);
  runtime.removeInterruptHandler();
  const logs = attempt(() => callForString(vm, helpers, { name: 'logs', args: [] }), memoryBytes);
  // Asked first, because code that was interrupted in a promise job leaves only a promise that never settles.
  if (interrupted) outcome.failure = `stopped after ${timeMs} ms; look for an endless loop, or do less at a time`;
  return {
    type: 'done',
    ...outcome,
    logsJson: logs.json ?? '[]',
    durationMs: Math.round(performance.now() - started),
  };
}

/** @param {QuickJSContext} vm @param {string} inputJson */
function loadPrelude(vm, inputJson) {
  const make = vm.unwrapResult(vm.evalCode(`(${prelude.toString()})`, 'prelude.js'));
  const limits = vm.unwrapResult(vm.evalCode(`(${JSON.stringify(LIMITS)})`, 'limits.js'));
  return vm.unwrapResult(vm.callFunction(make, vm.undefined, vm.newString(inputJson), limits));
}

/**
 * @param {() => string} work
 * @param {number} memoryBytes
 * @returns {{json?: string, failure?: string}}
 */
function attempt(work, memoryBytes) {
  try {
    return { json: work() };
  } catch (error) {
    if (!(error instanceof CodeFailure))
      return { failure: `the sandbox broke (${String(error)}); make the code simpler` };
    if (!error.message.startsWith('InternalError: out of memory')) return { failure: error.message };
    return { failure: `out of memory: it needs more than ${memoryBytes / 1024 / 1024} MB; hold less data at a time` };
  }
}

/** @param {QuickJSContext} vm @param {QuickJSHandle} helpers @param {string} code */
function evaluate(vm, helpers, code) {
  const compiled = vm.evalCode(code, FILE, ASYNC | COMPILE_ONLY);
  // A script cannot hold `return`; as the body of a function it can. Kept on one line, so that line numbers stay right.
  const source = compiled.error ? `(async () => {${code}\n})()` : code;
  const evaluated = vm.evalCode(source, FILE, ASYNC);
  if (evaluated.error) throw new CodeFailure(describe(vm, evaluated.error));
  return callForString(vm, helpers, { name: 'settle', args: [evaluated.value] });
}

/** @param {QuickJSContext} vm @param {QuickJSHandle} helpers @param {{name: string, args: QuickJSHandle[]}} call */
function callForString(vm, helpers, { name, args }) {
  const called = vm.callMethod(helpers, name, args);
  if (called.error) throw new CodeFailure(describe(vm, called.error));
  const jobs = vm.runtime.executePendingJobs();
  if (jobs.error) throw new CodeFailure(describe(vm, jobs.error));
  const state = vm.getPromiseState(called.value);
  if (state.type === 'rejected') throw new CodeFailure(describe(vm, state.error));
  if (state.type === 'pending') {
    throw new CodeFailure(
      'the result is a promise that nothing will ever settle (there are no timers, files or network here); return a value',
    );
  }
  return vm.getString(state.value);
}

/** @param {QuickJSContext} vm @param {QuickJSHandle} error */
function describe(vm, error) {
  const thrown = vm.dump(error);
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return `threw ${JSON.stringify(thrown)}`;
  const line = /code\.js:(\d+)/.exec(String(thrown.stack))?.[1];
  return `${thrown.name}: ${thrown.message}${line ? ` (line ${line})` : ''}`;
}

parentPort?.postMessage(await run(workerData));
