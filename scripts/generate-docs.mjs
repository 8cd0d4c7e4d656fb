// Writes the pages of docs/ that are made from the code, and .env.example. Reads dist/, since Node 20 does not run TypeScript: build first.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cliPage } from './cli-page.mjs';
import { envExample } from './env-example.mjs';
import { metricsPage } from './metrics-page.mjs';
import { configurationPage, errorsPage, statesPage } from './reference-pages.mjs';

const built = (/** @type {string} */ path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { settings } = await built('config.js');
const { ERRORS } = await built('domain/errors.js');
const transitions = await built('domain/transitions.js');
const { ControlMetrics } = await built('telemetry/control-metrics.js');
const { AgentMetrics } = await built('agent/agent-metrics.js');
const { createDashboardMetrics } = await built('dashboard/dashboard-metrics.js');
const { helpOf } = await built('cli/help.js');
const { processMetrics } = await built('telemetry/exposition.js');

const pages = {
  'cli.md': cliPage(helpOf()),
  'configuration.md': configurationPage(settings),
  'errors.md': errorsPage(ERRORS),
  'metrics.md': metricsPage({
    orchestrator: new ControlMetrics().registry,
    agent: new AgentMetrics().registry,
    dashboard: createDashboardMetrics().registry,
    process: processMetrics(),
  }),
  'states.md': statesPage(transitions),
  '../.env.example': envExample(settings),
};
const folder = new URL('../docs/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  writeFileSync(new URL(name, folder), text);
  console.log(`docs/${name}`);
}
