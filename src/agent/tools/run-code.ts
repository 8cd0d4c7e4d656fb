// The run_code tool: starts a sandbox thread for one piece of code, and sees that it is gone at the end, whatever happens.
// What the code can see, and its memory, is left to sandbox-worker.js.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { defineTool, ToolFailure } from './tool.ts';

const LIMITS = { timeMs: 5_000, memoryBytes: 64 * 1024 * 1024 };
const MAX_INPUT_CHARS = 1_000_000;
/** A cold thread on a busy machine takes a second or two. */
const START_MS = 15_000;
/** QuickJS looks at the clock between operations; one that is long in itself is cut off by ending the thread. */
const GRACE_MS = 500;

export const runCode = defineTool({
  name: 'run_code',
  description:
    'Runs JavaScript (ES2023) in a sandbox without files, network or timers; 5 s and 64 MB at most. The result is the value of the last expression, or what a top-level return gives; await works. BigInt results come as decimal strings. Pass data in input, a global in the code. Use it for every calculation.',
  input: {
    code: z.string().min(1).max(100_000).describe('For example: input.values.reduce((a, b) => a + b, 0)'),
    input: z.unknown().optional().describe('Any JSON value; the code sees it as the global `input`'),
  },
  async run({ signal }, { code, input }) {
    return runInSandbox({ code, input }, { ...LIMITS, signal });
  },
});

export interface SandboxLimits {
  timeMs: number;
  memoryBytes: number;
  signal: AbortSignal;
}

export interface SandboxAnswer {
  result: unknown;
  logs: string[];
  duration_ms: number;
}

/** Throws ToolFailure with what went wrong in the code, or the signal's reason; then the thread is gone already. */
export async function runInSandbox(
  job: { code: string; input?: unknown },
  limits: SandboxLimits,
): Promise<SandboxAnswer> {
  const { signal, timeMs, memoryBytes } = limits;
  signal.throwIfAborted();
  const worker = new Worker(new URL('./sandbox-worker.js', import.meta.url), {
    workerData: { code: job.code, inputJson: inputJson(job.input), timeMs, memoryBytes },
    env: {},
    execArgv: [],
    // QuickJS recurses on the stack of the thread, and the default one is smaller than QuickJS believes.
    resourceLimits: { maxOldGenerationSizeMb: 64, stackSizeMb: 16 },
  });
  const broken = once(worker, 'exit').then(
    () => new ToolFailure('code: the sandbox ended without an answer; hold less data'),
  );
  try {
    const done = await Promise.race([answerOf(worker, limits), broken]);
    if (done instanceof Error) throw done;
    return readAnswer(done);
  } finally {
    await worker.terminate();
  }
}

function inputJson(input: unknown): string {
  const json = JSON.stringify(input) ?? 'null';
  if (json.length <= MAX_INPUT_CHARS) return json;
  throw new ToolFailure(
    `input: ${json.length} characters of JSON are over the limit of ${MAX_INPUT_CHARS}; pass less at a time`,
  );
}

/** The worker's last message. Rejects when the signal aborts or the time is over. */
function answerOf(worker: Worker, { signal, timeMs }: SandboxLimits): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => reject(new Error(`the sandbox did not start within ${START_MS} ms`)), START_MS);
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    const stop = () => {
      finish();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.once('exit', finish);
    worker.on('error', (error) =>
      reject(new ToolFailure(`code: the sandbox broke (${error.message}); hold less data`)),
    );
    worker.on('message', (message: { type: string }) => {
      clearTimeout(timer);
      if (message.type === 'done') return resolve(message);
      timer = setTimeout(
        () =>
          reject(new ToolFailure(`code: stopped after ${timeMs} ms; look for an endless loop, or do less at a time`)),
        timeMs + GRACE_MS,
      );
    });
  });
}

const doneMessage = z.object({
  json: z.string().optional(),
  failure: z.string().optional(),
  logsJson: z.string(),
  durationMs: z.number(),
});

function readAnswer(message: unknown): SandboxAnswer {
  const done = doneMessage.parse(message);
  const logs = z.array(z.string()).parse(JSON.parse(done.logsJson));
  if (done.failure !== undefined) {
    const tail = logs.length > 0 ? `\nlogs:\n${logs.slice(-20).join('\n')}` : '';
    throw new ToolFailure(`code: ${done.failure}${tail}`);
  }
  return { result: JSON.parse(done.json ?? 'null'), logs, duration_ms: done.durationMs };
}
