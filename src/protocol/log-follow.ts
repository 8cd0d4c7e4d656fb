// Follows log lines as they are stored, over as many connections as that takes. It has no end of its own: whoever follows
// aborts. How a connection is opened is the client's business.
import type { z } from 'zod';
import { ClientError } from './client-error.ts';
import { logLineEvent } from './dashboard-api.ts';
import { PAUSE_MS, patiently, readMessages, type Wait } from './sse.ts';

export type AgentLogView = z.infer<typeof logLineEvent>;

export interface LogSource {
  /** Opens a stream of the lines stored after the one with this id; null: after now. Throws a ClientError. */
  connect(after: number | null): Promise<Response>;
  wait: Wait;
}

/** In the order in which they were stored, each once. Throws a ClientError, or the abort reason. */
export async function* followLogs(source: LogSource, after: number | null): AsyncGenerator<AgentLogView, never> {
  let last = after;
  let response = await source.connect(last);
  for (;;) {
    for await (const message of readMessages(response)) {
      // The first message of a stream says where it begins. A line that was committed late has no id of its own: resuming after
      // it would repeat what came before.
      if (message.id !== undefined) last = Number(message.id);
      if (message.event === 'log') yield parseLine(message.data);
    }
    await source.wait(PAUSE_MS);
    response = await patiently(source.wait, () => source.connect(last));
  }
}

function parseLine(data: string): AgentLogView {
  try {
    return logLineEvent.parse(JSON.parse(data));
  } catch (cause) {
    const detail = 'the log stream holds a line that is not of this version of Muster';
    throw new ClientError({ status: 200, code: 'invalid_response', detail, cause });
  }
}
