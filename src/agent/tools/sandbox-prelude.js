// Runs inside the QuickJS sandbox before the model's code: gives it a console, and turns its value into bounded JSON.
// Sent there as source text (`prelude.toString()`), so it may use nothing from outside its own body.

/**
 * @param {string} inputJson becomes the global `input`
 * @param {{resultChars: number, logLines: number, logLineChars: number}} limits
 */
export function prelude(inputJson, limits) {
  const { parse, stringify } = JSON;
  /** @type {string[]} */
  const logs = [];

  /** @type {Record<string, (value: any) => unknown>} */
  const scalars = {
    undefined: () => null,
    function: ({ name }) => `[function ${name || 'anonymous'}]`,
    number: (value) => (Number.isFinite(value) ? value : String(value)),
    bigint: String,
    symbol: String,
  };

  /** @type {(value: unknown) => unknown} */
  const scalar = (value) => scalars[typeof value]?.(value) ?? value ?? null;

  // What JSON would silently lose (or refuse), as the nearest thing that JSON can say.
  /** @type {[new (...args: any) => unknown, (value: any) => unknown][]} */
  const conversions = [
    [Map, (map) => ([...map.keys()].every((key) => typeof key === 'string') ? Object.fromEntries(map) : [...map])],
    [Set, (set) => [...set]],
    [Error, ({ name, message }) => ({ name, message })],
    [RegExp, String],
    [ArrayBuffer, (buffer) => [...new Uint8Array(buffer)]],
    [Object.getPrototypeOf(Uint8Array), (items) => Array.from(items)],
  ];

  /** @type {(value: object) => unknown} */
  const nearest = (value) => {
    const conversion = conversions.find(([kind]) => value instanceof kind);
    if (conversion) return conversion[1](value);
    return 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
  };

  /** @type {(value: unknown, ancestors: readonly object[]) => unknown} */
  const plain = (value, ancestors) => {
    if (typeof value !== 'object' || value === null) return scalar(value);
    if (ancestors.includes(value)) return '[circular]';
    return ancestors.length < 40 ? members(nearest(value), [...ancestors, value]) : '[too deep]';
  };

  /** @type {(value: unknown, ancestors: readonly object[]) => unknown} */
  const members = (value, ancestors) => {
    if (typeof value !== 'object' || value === null) return scalar(value);
    if (Array.isArray(value)) return Array.from(value, (item) => plain(item, ancestors));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, ancestors)]));
  };

  /** @type {(...values: unknown[]) => void} */
  const log = (...values) => {
    if (logs.length > limits.logLines) return;
    if (logs.length === limits.logLines) {
      logs.push(`[only the first ${limits.logLines} lines are kept]`);
      return;
    }
    const line = values.map((value) => (typeof value === 'string' ? value : stringify(plain(value, [])))).join(' ');
    logs.push(line.length <= limits.logLineChars ? line : `${line.slice(0, limits.logLineChars)}…`);
  };

  Object.assign(globalThis, {
    input: parse(inputJson),
    console: { log, info: log, warn: log, error: log, debug: log },
  });

  /** @type {(value: unknown) => string} */
  const present = (value) => {
    const json = stringify(plain(value, []));
    if (json.length <= limits.resultChars) return json;
    return stringify(
      `${json.slice(0, limits.resultChars)} [truncated: ${limits.resultChars} of ${json.length} characters; return less]`,
    );
  };

  return {
    /** @type {(outcome: Promise<{value: unknown}>) => Promise<string>} */
    settle: async (outcome) => present(await (await outcome).value),
    logs: () => stringify(logs),
  };
}
