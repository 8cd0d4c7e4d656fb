// The client: submit once however often you try, follow what happens, and be told what is wrong with a request.
// usage: node examples/client.mjs
import { ClientError, createClient } from 'muster';

const { ORCHESTRATOR_URL: url = 'http://127.0.0.1:8000', MUSTER_API_KEY: apiKey } = process.env;
const muster = createClient({ url, apiKey });

// Two submits with one key are one task: after a lost answer it is safe to try again.
const order = { description: 'Calculate factorial of 12', user_id: 'ada', idempotencyKey: `order-${process.pid}` };
const first = await muster.submit(order);
const second = await muster.submit(order);
console.log(`submitted twice, ${first.task_id === second.task_id ? 'one task' : 'two tasks'}: ${first.task_id}`);

// Every commit is an event. A cut connection is resumed by itself.
for await (const event of muster.watch(first.task_id)) console.log(`${event.seq}  ${event.type}`);

const { task } = await muster.getTask(first.task_id);
console.log(`${task.status}: ${task.result?.summary}`);

const { tasks } = await muster.listTasks({ user_id: 'ada', limit: 10 });
console.log(`ada has ${tasks.length} task(s); the crew has ${(await muster.agents()).length} agents`);

try {
  await muster.submit({ description: 'too short' });
} catch (error) {
  if (!(error instanceof ClientError)) throw error;
  console.log(`refused: ${error.code} in ${error.field}: ${error.detail}`);
}
