// docs/metrics.md, from the registries that the services answer /metrics with. Pure: what is read and written where is
// generate-docs.mjs's.

/** @typedef {{ getMetricsAsArray(): object[] }} Registry */
/** @typedef {{ name: string, help: string, type: string, labelNames: string[] }} Metric */

/** Node reads these from /proc: on other systems they are missing. */
export const LINUX_ONLY = ['process_virtual_memory_bytes', 'process_heap_bytes', 'process_open_fds', 'process_max_fds'];

/** @param {{ orchestrator: Registry, agent: Registry, dashboard: Registry, process: Registry }} registries */
export function metricsPage({ orchestrator, agent, dashboard, process }) {
  return `<!-- Made by \`npm run generate\` from the registries of the services. -->
# Metrics

Every service answers \`GET /metrics\` in Prometheus' text format: the orchestrator on port 8000, each agent on its own
(8001 to 8005), the dashboard on 8501. How to scrape them, and which alerts matter, is in
[observability.md](observability.md).

Counters and histograms are exact for the process that shows them, and begin at 0 with it: add them up over all replicas.
Those gauges of the orchestrator that describe the whole system (\`muster_tasks\`, \`muster_ready_…\`,
\`muster_running_subtasks\`, \`muster_stranded_subtasks\`, \`muster_crew_…\`) are read from database and bus when they are
scraped, and are the same from every replica: take the maximum, not the sum. A histogram \`x_seconds\` has the series \`x_seconds_bucket\`,
\`x_seconds_sum\` and \`x_seconds_count\`.

## Orchestrator

${table(orchestrator)}

## Agent

${table(agent)}

## Dashboard

${table(dashboard)}

## Every process

In one process (\`muster up\`) all services show the same figures here.

${table(process)}

On Linux also ${LINUX_ONLY.map((name) => `\`${name}\``).join(', ')}.
`;
}

/** @param {Registry} registry */
function table(registry) {
  const metrics = /** @type {Metric[]} */ (registry.getMetricsAsArray());
  const rows = metrics
    .filter(({ name }) => !LINUX_ONLY.includes(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, type, labelNames, help }) => `| \`${name}\` | ${type} | ${labelNames.join(', ')} | ${sentence(help)} |`,
    );
  return ['| name | type | labels | what it says |', '|---|---|---|---|', ...rows].join('\n');
}

/** @param {string} help */
function sentence(help) {
  return help.endsWith('.') ? help : `${help}.`;
}
