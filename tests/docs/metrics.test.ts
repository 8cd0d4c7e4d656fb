// docs/metrics.md, the Grafana dashboard and the alerts speak of metrics that exist, and of all of them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LINUX_ONLY, metricsPage } from '../../scripts/metrics-page.mjs';
import { AgentMetrics } from '../../src/agent/agent-metrics.ts';
import { createDashboardMetrics } from '../../src/dashboard/dashboard-metrics.ts';
import { ControlMetrics } from '../../src/telemetry/control-metrics.ts';
import { processMetrics } from '../../src/telemetry/exposition.ts';

const REGISTRIES = {
  orchestrator: new ControlMetrics().registry,
  agent: new AgentMetrics().registry,
  dashboard: createDashboardMetrics().registry,
  process: processMetrics(),
};
const OURS = [REGISTRIES.orchestrator, REGISTRIES.agent, REGISTRIES.dashboard].flatMap((one) =>
  one.getMetricsAsArray(),
);

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('docs/metrics.md', () => {
  it('is the page made from the registries', () => {
    expect(read('docs/metrics.md'), 'is stale: run "npm run generate"').toBe(metricsPage(REGISTRIES));
  });

  it('has a row for every metric that every system has', () => {
    const rows = [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \| (?:counter|gauge|histogram) \|/gm)];
    const names = Object.values(REGISTRIES).flatMap((one) => one.getMetricsAsArray().map(({ name }) => name));
    const expected = new Set(names.filter((name) => !LINUX_ONLY.includes(name)));
    expect(new Set(rows.map((row) => row[1]))).toEqual(expected);
  });
});

describe('every metric of ours', () => {
  it.each(OURS.map((metric) => [metric.name, metric] as const))('%s is named as Prometheus has it', (name, metric) => {
    const { type, help } = metric as unknown as { type: string; help: string };
    expect(name).toMatch(/^muster_[a-z_]+$/);
    expect(help.length).toBeGreaterThan(10);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|percent)(_|$)/);
  });
});

/** Names in an expression, without the ending of a histogram's series. */
function namesIn(expression: string): string[] {
  return [...expression.matchAll(/\b(?:muster|nodejs|process)_\w+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
}

const KNOWN = new Set(Object.values(REGISTRIES).flatMap((one) => one.getMetricsAsArray().map(({ name }) => name)));

describe('the Grafana dashboard', () => {
  interface Panel {
    id: number;
    type: string;
    title: string;
    targets?: { expr: string }[];
  }
  const { panels } = JSON.parse(read('deploy/grafana/muster.json')) as { panels: Panel[] };
  const graphs = panels.filter((panel) => panel.type !== 'row');

  it.each(graphs.map((panel) => [panel.title, panel] as const))('shows metrics that exist: %s', (_, panel) => {
    const names = (panel.targets ?? []).flatMap(({ expr }) => namesIn(expr));
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !KNOWN.has(name))).toEqual([]);
  });

  it('shows every metric of ours, with panels numbered once', () => {
    const shown = new Set(graphs.flatMap((panel) => (panel.targets ?? []).flatMap(({ expr }) => namesIn(expr))));
    // Whether an agent is registered and how many slots it has is what the crew's panels say of all of them.
    const told = ['muster_agent_registered', 'muster_agent_slots', 'muster_agent_attempt_running_seconds'];
    expect(OURS.map(({ name }) => name).filter((name) => !shown.has(name) && !told.includes(name))).toEqual([]);
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
  });
});

describe('the alerts', () => {
  it('are about metrics that exist', () => {
    const names = namesIn(read('deploy/prometheus/muster_alerts.yml'));
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !KNOWN.has(name))).toEqual([]);
  });
});
