// Reads the tagged sections of Muster's prompts. Text between tags is XML-escaped and JSON has its `<` escaped, so a
// closing tag never comes from data. What the sections mean is left to the rules.
export interface TaggedJson {
  attributes: Record<string, string>;
  /** The parsed JSON; the raw text when it is not JSON (an output cut to size). */
  value: unknown;
}

/** The unescaped text of the first `<tag>` section, trimmed; undefined when there is none. */
export function textSection(prompt: string, tag: string): string | undefined {
  const body = sections(prompt, tag)[0]?.body;
  return body === undefined ? undefined : unescapeXml(body).trim();
}

/** Every `<tag attribute="…">` section that holds JSON, in order. */
export function jsonSections(prompt: string, tag: string): TaggedJson[] {
  return sections(prompt, tag).map(({ attributes, body }) => ({ attributes, value: parseJson(body) }));
}

/** The value that `text` holds as JSON, or `text` itself. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sections(prompt: string, tag: string): { attributes: Record<string, string>; body: string }[] {
  const pattern = new RegExp(`<${tag}((?:\\s[^<>]*)?)>\\n?([\\s\\S]*?)\\n?</${tag}>`, 'g');
  return [...prompt.matchAll(pattern)].map((match) => ({
    attributes: readAttributes(match[1] ?? ''),
    body: match[2] ?? '',
  }));
}

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-z_]+)="([^"]*)"/g)];
  return Object.fromEntries(pairs.map((pair) => [pair[1] ?? '', unescapeXml(pair[2] ?? '')]));
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll(/&(?:apos|#39);/g, "'")
    .replaceAll('&amp;', '&');
}
