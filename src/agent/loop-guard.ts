// Notices an agent that repeats the same failing tool call: it spends turns and money and will not get further.

/** Without any success in between, however many other calls fail beside it: calls may come several at a time. */
const IN_A_ROW_MAX = 3;
/** In all: a call that succeeds in between may have helped, but not again and again. */
const IN_ALL_MAX = 6;

export class LoopGuard {
  private readonly calls = new Map<string, { tool: string; signature: string }>();
  private readonly inAll = new Map<string, number>();
  private readonly inARow = new Map<string, number>();

  called(id: string, tool: string, input: unknown): void {
    this.calls.set(id, { tool, signature: `${tool} ${JSON.stringify(input) ?? ''}` });
  }

  /** What to tell when this answer shows that the agent goes round in circles; else null. */
  answered(id: string, answer: { isError: boolean; text: string }): string | null {
    const call = this.calls.get(id);
    if (!call) return null;
    if (!answer.isError) {
      this.inARow.clear();
      return null;
    }
    const inARow = countUp(this.inARow, call.signature);
    const inAll = countUp(this.inAll, call.signature);
    if (inARow < IN_A_ROW_MAX && inAll < IN_ALL_MAX) return null;
    return `Stopped: the agent made the same failing call to ${call.tool} ${inAll} times. The tool said: ${answer.text}`;
  }
}

function countUp(counts: Map<string, number>, signature: string): number {
  const count = (counts.get(signature) ?? 0) + 1;
  counts.set(signature, count);
  return count;
}
