// A cap on what a task may use, and how it goes on from there. With Claude it is `budget_usd`; the offline model costs
// nothing, so this caps the answers of the model instead.
// usage: node examples/budget.mjs
import { createClient } from 'muster';

const { ORCHESTRATOR_URL: url = 'http://127.0.0.1:8000', MUSTER_API_KEY: apiKey } = process.env;
const muster = createClient({ url, apiKey });

const { task_id } = await muster.submit({
  description: 'Calculate sum of 1 to 10, then calculate product of 1 to 5, then combine results',
  max_turns: 4,
});
const stopped = await muster.wait(task_id);
const done = stopped.task.subtasks.filter(({ status }) => status === 'completed').length;
console.log(`${stopped.task.status} after ${stopped.task.spent_turns} turns, ${done} of 3 done`);
console.log(stopped.task.error);

// What is completed is kept, and not paid for again.
await muster.retry(task_id, { max_turns: 40 });
const ended = await muster.wait(task_id);
console.log(`${ended.task.status} after ${ended.task.spent_turns} turns, 3 of 3 done`);
console.log(ended.task.result?.summary);
