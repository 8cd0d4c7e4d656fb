// A stream of server-sent events as a test reads it: as text, up to a word or to its end.

export async function openStream(url: string, headers: Record<string, string> = {}) {
  const closing = new AbortController();
  const response = await fetch(url, { headers, signal: closing.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    close: () => closing.abort(),
    /** Everything so far, once it holds the word. */
    async until(word: string): Promise<string> {
      while (!text.includes(word)) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) throw new Error(`the stream ended before ${word}: ${text}`);
        text += value;
      }
      return text;
    },
    /** Everything, once it ended. */
    async rest(): Promise<string> {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) return text;
        text += value;
      }
    },
  };
}

/** The data of the events of one kind, in order. */
export function dataOf(text: string, name: string): unknown[] {
  const blocks = text.split('\n\n').filter((block) => block.split('\n').includes(`event: ${name}`));
  return blocks.map((block) => JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'));
}
