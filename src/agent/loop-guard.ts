// Notices an agent that repeats the same failing tool call: it spends turns and money and will not get further.

const REPEATS_MAX = 3;

export class LoopGuard {
  private readonly calls = new Map<string, { tool: string; input: string }>();
  private last = '';
  private repeats = 0;

  called(id: string, tool: string, input: unknown): void {
    this.calls.set(id, { tool, input: JSON.stringify(input) ?? '' });
  }

  /** What to tell when this answer makes it three times in a row the same failing call; else null. */
  answered(id: string, answer: { isError: boolean; text: string }): string | null {
    const call = this.calls.get(id);
    if (!call) return null;
    const signature = `${call.tool} ${call.input}`;
    this.repeats = !answer.isError ? 0 : signature === this.last ? this.repeats + 1 : 1;
    this.last = signature;
    if (this.repeats < REPEATS_MAX) return null;
    return `Stopped: the agent made the same failing call to ${call.tool} ${REPEATS_MAX} times in a row. The tool said: ${answer.text}`;
  }
}
