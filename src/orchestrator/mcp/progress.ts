// Progress notifications. The protocol wants each number to be more than the last, also when only the words are new: it
// grows then by a thousandth of the way to the next whole one, so that its whole part stays what is done.
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Progress } from './tool.ts';

const STEP = 0.001;

type Extra = Pick<RequestHandlerExtra<ServerRequest, ServerNotification>, '_meta' | 'sendNotification'>;

export class ProgressCounter {
  private readonly extra: Extra;
  private last: number | null = null;

  constructor(extra: Extra) {
    this.extra = extra;
  }

  async tell({ done, planned, message }: Progress): Promise<void> {
    const progressToken = this.extra._meta?.progressToken;
    if (progressToken === undefined) return;
    const progress = this.next(done);
    const total = planned === null ? {} : { total: planned };
    await this.extra.sendNotification({
      method: 'notifications/progress',
      params: { progressToken, progress, ...total, message },
    });
  }

  private next(done: number): number {
    const { last } = this;
    this.last = last === null || done > last ? done : last + (Math.floor(last) + 1 - last) * STEP;
    return this.last;
  }
}
