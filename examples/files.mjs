// Files in and out: a table goes along with the task, what the agents wrote is fetched.
// usage: node examples/files.mjs
import { createClient } from 'muster';

const { ORCHESTRATOR_URL: url = 'http://127.0.0.1:8000', MUSTER_API_KEY: apiKey } = process.env;
const muster = createClient({ url, apiKey });

const { task_id } = await muster.submit({
  description: 'First statistics of the attached table, finally write the results to a file called summary.md',
  files: [{ name: 'temperatures.csv', content: 'city,temperature\nOslo,4\nRome,19\nCairo,27\n' }],
});
const { task } = await muster.wait(task_id);
console.log(`${task.status}: ${task.result?.summary}`);

for (const { path } of await muster.files(task_id)) {
  const content = new TextDecoder().decode(await muster.readFile(task_id, path));
  console.log(`\n${path}\n${content}`);
}
