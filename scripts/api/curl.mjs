// An example as a command for a shell, and its answer as it is shown.

const BEARERS = { key: '$KEY', agents: '$MUSTER_AGENT_TOKEN' };
const WIDTH = 100;

/**
 * @param {import('./examples.mjs').Example} example
 * @param {{ method: string, path: string }} operation `path` with parameters as `{name}`.
 */
export function curlOf(example, { method, path }) {
  const { headers = {}, form = {}, files = {}, body, as, events, lines, service } = example;
  const base = service === 'agent' ? '$AGENT' : '$MUSTER';
  const bearer = as ? [`-H "Authorization: Bearer ${BEARERS[as]}"`] : [];
  const isForm = Object.keys(form).length > 0;
  const sent = [
    ...bearer,
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    ...Object.entries(form).map(([name, value]) => `-F '${name}=${value}'`),
    ...Object.keys(files).map((name) => `-F files=@${name}`),
    ...(body === undefined ? [] : ["-H 'content-type: application/json'", `-d ${quoted(printed(body))}`]),
  ];
  const hasBody = isForm || body !== undefined;
  const verb = method === 'GET' || (method === 'POST' && hasBody) ? '' : ` -X ${method}`;
  const url = `"${base}${pathOf(example, path)}"`;
  const command = [`curl -s${events ? 'N' : ''}${verb} ${url}`, ...sent].join(' \\\n  ');
  return lines ? `${command} | grep '${lines.source.replace('\\b', '')}'` : command;
}

/** @param {import('./examples.mjs').Example} example @param {string} template */
export function pathOf({ path = {}, query = {} }, template) {
  const filled = template.replace(/\{(\w+)\}/g, (_, name) => path[name] ?? `{${name}}`);
  const asked = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return asked.length > 0 ? `${filled}?${asked.join('&')}` : filled;
}

/** In single quotes, except for what the shell is to fill in. @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`).replace(/\$[A-Z_]+/g, (name) => `'"${name}"'`)}'`;
}

/** JSON with what fits into a line in one line. @param {unknown} value @param {string} [indent] @returns {string} */
export function printed(value, indent = '') {
  const short = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, ' ') ?? 'null';
  if (short.length + indent.length <= WIDTH || typeof value !== 'object' || value === null) return short;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const items = Array.isArray(value)
    ? value.map((item) => printed(item, inner))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${printed(item, inner)}`);
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}
