// A Muster that runs: whether its orchestrator answers and can work, whom it knows us as, and its agents.
import { listAgentsResponse, readyzResponse } from '../../protocol/api.ts';
import { systemResponse } from '../../protocol/dashboard-api.ts';
import { meResponse } from '../../protocol/keys-api.ts';
import { type Asked, ask } from './ask.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';
import type { Examined } from './servers.ts';

export interface OrchestratorPlace {
  url: string;
  /** ORCHESTRATOR_URL or --url says so: then somebody should be there. */
  isGiven: boolean;
  apiKey: string | undefined;
  /** Of this command line. */
  version: string;
}

export async function examineRunning(place: OrchestratorPlace, signal: AbortSignal): Promise<Examined> {
  const health = await ask(`${base(place.url)}/healthz`, signal);
  if (health.outcome !== 'answered') return { findings: [judgeAbsence(place, health)], skews: [] };
  const headers: Record<string, string> = place.apiKey ? { authorization: `Bearer ${place.apiKey}` } : {};
  const [ready, me, system, agents] = await Promise.all(
    ['/readyz', '/me', '/system', '/agents'].map((path) => ask(`${base(place.url)}${path}`, signal, headers)),
  );
  const date = Date.parse(health.date ?? '');
  return {
    findings: [
      ...judgeOrchestrator(place, { ready, system }),
      judgeAccess(me),
      ...(await examineAgents(agents, signal)),
    ],
    // The header counts whole seconds: half of one is the best guess.
    skews: Number.isNaN(date) ? [] : [{ of: 'the orchestrator', ms: date + 500 - Date.now() }],
  };
}

const base = (url: string) => url.replace(/\/+$/, '');

export function judgeAbsence({ url, isGiven }: OrchestratorPlace, asked: Asked): Finding {
  const why = asked.outcome === 'silent' ? `does not answer (${asked.why})` : 'is not running';
  const message = `the orchestrator at ${url} ${why}`;
  if (isGiven) return wrong('orchestrator', message, 'start it, or correct ORCHESTRATOR_URL');
  return warning('orchestrator', message, 'start it with "muster up"');
}

interface OrchestratorAnswers {
  ready: Asked | undefined;
  system: Asked | undefined;
}

export function judgeOrchestrator(
  { url, version }: OrchestratorPlace,
  { ready, system }: OrchestratorAnswers,
): Finding[] {
  const check = 'orchestrator';
  const readiness = readyzResponse.safeParse(jsonOf(ready)).data;
  if (!readiness) return [wrong(check, `what answers at ${url} is not Muster`, 'correct ORCHESTRATOR_URL')];
  const bad = Object.entries(readiness.checks).filter(([, said]) => said !== 'ok');
  const state =
    bad.length === 0
      ? ok(check, `${url} is ready`)
      : wrong(check, `${url} is not ready: ${bad.map(([name, said]) => `${name}: ${said}`).join('; ')}`, 'see its log');
  const running = systemResponse.safeParse(jsonOf(system)).data?.version;
  if (running === undefined || running === version) return [state];
  const message = `the orchestrator is version ${running}, this command line ${version}`;
  return [state, warning('version', message, 'use the same version of both')];
}

export function judgeAccess(me: Asked | undefined): Finding {
  const check = 'access';
  const known = meResponse.safeParse(jsonOf(me)).data;
  if (known)
    return ok(check, known.by_key ? `the API key of ${known.user_id}, role ${known.role}` : 'no API key is asked for');
  if (statusOf(me) === 401)
    return wrong(check, 'no valid API key was shown', 'set MUSTER_API_KEY to a key that "muster keys create" made');
  return warning(
    check,
    `who we are could not be asked (${statusOf(me) ?? 'no answer'})`,
    'see the log of the orchestrator',
  );
}

async function examineAgents(asked: Asked | undefined, signal: AbortSignal): Promise<Finding[]> {
  const listed = listAgentsResponse.safeParse(jsonOf(asked)).data;
  if (!listed) {
    if (statusOf(asked) === 403) return [ok('agents', 'not asked for: only role operate may')];
    return statusOf(asked) === 401
      ? []
      : [warning('agents', 'they could not be listed', 'see the log of the orchestrator')];
  }
  const answers = await Promise.all(
    listed.agents.map(async ({ agent_id, url }) => {
      const { outcome, ...rest } = await ask(`${base(url)}/health`, signal);
      return { agent_id, url, healthy: outcome === 'answered' && 'status' in rest && rest.status === 200 };
    }),
  );
  return judgeAgents(answers);
}

export function judgeAgents(agents: readonly { agent_id: string; url: string; healthy: boolean }[]): Finding[] {
  const check = 'agents';
  if (agents.length === 0)
    return [
      wrong(
        check,
        'none is registered: nothing would be done',
        'start some: "muster agent", or "muster up", which has five',
      ),
    ];
  const silent = agents.filter(({ healthy }) => !healthy);
  if (silent.length === 0) return [ok(check, `${agents.length} registered, all answer`)];
  return silent.map(({ agent_id, url }) => {
    const mend = 'if it runs on another machine this may be meant; else see its log, or set its AGENT_URL';
    return warning(check, `${agent_id} is registered, but ${url} does not answer from here`, mend);
  });
}

function jsonOf(asked: Asked | undefined): unknown {
  return asked?.outcome === 'answered' ? asked.json : undefined;
}

function statusOf(asked: Asked | undefined): number | undefined {
  return asked?.outcome === 'answered' ? asked.status : undefined;
}
