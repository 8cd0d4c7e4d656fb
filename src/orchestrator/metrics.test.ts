// GET /metrics over a real store and bus: what passed, what is there, and what happens when one of them is away.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  agent,
  claimReady,
  completed,
  type Fixture,
  openFixture,
  planOf,
} from '../../tests/contract/orchestrator-fixture.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { ResultProcessor } from './results.ts';

let service: Fixture;
beforeEach(async () => {
  service = await openFixture();
});
afterEach(() => service.close());

async function scrape(of = service): Promise<string> {
  const answer = await of.app.inject('/metrics');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return answer.body;
}

const plan = planOf([
  { description: 'Sum the numbers of the file', required_capabilities: ['data_analysis'] },
  { description: 'Fetch the page and its links', required_capabilities: ['web_scraping', 'api_integration'] },
]);

describe('GET /metrics', () => {
  it('shows the queue by capability set, the open tasks, and what nobody can run', async () => {
    await service.deps.bus.putAgent(agent('agent_1', ['data_analysis']), 60_000);
    await service.deps.bus.putAgent({ ...agent('agent_2', ['data_analysis'], false), running: [RUN] }, 60_000);
    await service.submit({ description: 'Two things at once', plan });
    const text = await scrape();
    expect(text).toContain('muster_ready_subtasks{capabilities="data_analysis"} 1\n');
    expect(text).toContain('muster_ready_subtasks{capabilities="api_integration,web_scraping"} 1\n');
    expect(text).toContain('muster_stranded_subtasks{capabilities="api_integration,web_scraping"} 1\n');
    expect(text).not.toContain('muster_stranded_subtasks{capabilities="data_analysis"}');
    expect(text).toContain('muster_tasks{status="in_progress"} 1\n');
    expect(text).toContain('muster_tasks{status="pending"} 0\n');
    expect(text).toContain('muster_running_subtasks 0\n');
    expect(text).toContain('muster_crew_agents{state="available"} 1\n');
    expect(text).toContain('muster_crew_agents{state="busy"} 1\n');
    expect(text).toContain('muster_crew_slots{state="free"} 1\n');
    expect(text).toContain('muster_database_up 1\n');
    expect(text).toContain('muster_bus_up 1\n');
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  it('counts tasks, attempts and planning as they pass', async () => {
    service.planner.planWith = async () => ({ plan, source: 'model', repaired: true });
    const id = await service.submit({ description: 'Two things at once' });
    const attempts = await claimReady(service.deps.db, id);
    const results = new ResultProcessor({ ...service.deps, stopping: new AbortController().signal });
    results.start();
    await service.deps.bus.publish(
      'agent_results',
      attempts.map((attempt) => completed(attempt)),
    );
    await expect.poll(async () => (await service.get(`/tasks/${id}`)).body.task.status).toBe('completed');
    await results.stop();
    const cancelled = await service.submit({ description: 'This one is not wanted' });
    await service.app.inject({ method: 'POST', url: `/tasks/${cancelled}/cancel` });
    await service.app.inject({ method: 'POST', url: `/tasks/${cancelled}/cancel` });
    const text = await scrape();
    expect(text).toContain('muster_tasks_created_total 2\n');
    expect(text).toContain('muster_tasks_ended_total{status="completed"} 1\n');
    expect(text).toContain('muster_tasks_ended_total{status="cancelled"} 1\n');
    expect(text).toContain('muster_attempts_total{outcome="completed",error_code=""} 2\n');
    expect(text).toContain('muster_planning_seconds_count{outcome="repaired"} 2\n');
  });

  it('times answers by their route, never by the address that was asked for', async () => {
    await service.get('/tasks/task_unknown1');
    await service.get('/no/such/page');
    const text = await scrape();
    expect(text).toContain(
      'muster_http_request_duration_seconds_count{method="GET",route="/tasks/:task_id",status="404"} 1\n',
    );
    expect(text).toContain('muster_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1\n');
    expect(text).not.toContain('task_unknown1');
    expect(text).toContain('muster_http_requests_in_flight 1\n');
  });

  it('asks the database once a second, however many scrape', async () => {
    const clock = createManualClock();
    let asked = 0;
    const { db } = service.deps;
    const counting = {
      ...db,
      transaction: db.transaction.bind(db),
      query: count,
      script: async () => {},
      close: async () => {},
    };
    function count<R>(text: string, params?: readonly unknown[]): Promise<R[]> {
      asked += 1;
      return db.query<R>(text, params);
    }
    const other = await openFixture({ db: counting, clock });
    await scrape(other);
    clock.advance(1_000);
    // Without what is read once only, such as the API keys.
    asked = 0;
    await scrape(other);
    const once = asked;
    expect(once).toBeGreaterThan(0);
    clock.advance(1_000);
    await Promise.all([scrape(other), scrape(other)]);
    await scrape(other);
    expect(asked).toBe(2 * once);
    await other.close();
  });

  it('answers when database and bus are away, and says that they are', async () => {
    const clock = createManualClock();
    const away = async () => {
      throw new Error('it is away');
    };
    let up = true;
    let ask = () => {};
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const silent = () => {
      ask();
      return new Promise<never>(() => {});
    };
    const other = await openFixture({
      clock,
      db: {
        query: (text, params) => (up ? service.deps.db.query(text, params) : away()),
        script: away,
        transaction: away,
        close: async () => {},
      },
      bus: Object.assign(Object.create(service.deps.bus), { listAgents: silent, close: async () => {} }),
    });
    // So that who may ask is known.
    expect((await other.app.inject('/me')).statusCode).toBe(200);
    up = false;
    clock.advance(60_000);
    const scraped = scrape(other);
    await asked;
    clock.advance(1_000);
    const text = await scraped;
    expect(text).toContain('muster_database_up 0\n');
    expect(text).toContain('muster_bus_up 0\n');
    expect(text).not.toMatch(/^muster_(running_subtasks|tasks\{|crew_agents)/m);
    await other.close();
  });
});

const RUN = { subtask_id: 'subtask_1', attempt: 1 };
