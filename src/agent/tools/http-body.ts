// The body of an HTTP answer as text for the model: read up to a limit, decoded by its charset, binary named and left out.
import type { Response } from 'undici';

/** Characters of body that fit into an answer of a tool, whose JSON escapes some of them. */
const MAX_CHARS = 80_000;

const TEXTUAL =
  /^(text\/|application\/([\w.-]+\+)?(json|xml|javascript|ecmascript|x-ndjson|x-www-form-urlencoded|yaml|x-yaml|sql|graphql)\b|image\/svg\+xml)/i;

/** Reads at most `maxBytes` (after decompression) and leaves the rest unread. */
export async function readBody(response: Response, maxBytes: number): Promise<{ body: string; truncated: boolean }> {
  const { bytes, truncated } = await readUpTo(response, maxBytes);
  const text = decode(bytes, response.headers.get('content-type') ?? '');
  if (text === null) return { body: `[binary content, ${sizeOf(response, bytes, truncated)} bytes]`, truncated };
  return { body: text.slice(0, MAX_CHARS), truncated: truncated || text.length > MAX_CHARS };
}

async function readUpTo(response: Response, maxBytes: number): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), truncated: size > maxBytes };
}

function decode(bytes: Buffer, contentType: string): string | null {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1];
  if (charset || TEXTUAL.test(contentType)) return decodeAs(bytes, charset ?? 'utf-8');
  return bytes.includes(0) ? null : decodeStrictly(bytes);
}

function decodeAs(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

function decodeStrictly(bytes: Buffer): string | null {
  try {
    // As part of a stream: the cut at the size limit may have split the last character.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

function sizeOf(response: Response, bytes: Buffer, truncated: boolean): number {
  const announced = Number(response.headers.get('content-length'));
  return truncated && announced > bytes.length ? announced : bytes.length;
}
