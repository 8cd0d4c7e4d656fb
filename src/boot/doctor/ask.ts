// One request, whatever comes of it: nobody listens, nothing sensible comes, or an answer.

export type Asked =
  | { outcome: 'refused' }
  | { outcome: 'silent'; why: string }
  | { outcome: 'answered'; status: number; text: string; json: unknown; date: string | null };

/** Of an answer that is only looked at. */
const TEXT_MAX = 100_000;

export async function ask(url: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<Asked> {
  try {
    const response = await fetch(url, { signal, headers, redirect: 'manual' });
    const text = (await response.text()).slice(0, TEXT_MAX);
    return {
      outcome: 'answered',
      status: response.status,
      text,
      json: parsed(text),
      date: response.headers.get('date'),
    };
  } catch (error) {
    const code = codeOf(error);
    return code === 'ECONNREFUSED' ? { outcome: 'refused' } : { outcome: 'silent', why: code };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Many answers are no JSON; whoever asked for some sees that there is none.
    return undefined;
  }
}

/** Of the system, where there is one: Node hides it one level down, or among several addresses that were tried. */
export function codeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError) return codeOf(at.errors[0]);
  }
  return error instanceof Error ? error.message : String(error);
}
