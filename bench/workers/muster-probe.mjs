// Loaded into Muster's agents beside their own program (`node --import`): notes when a hand-over arrives over HTTP, since rows
// of the database tell time in whole milliseconds only.
import { subscribe } from 'node:diagnostics_channel';
import { answerQuestions, note, now } from '../tally.mjs';

subscribe('http.server.request.start', (message) => {
  const { request } = /** @type {{ request: import('node:http').IncomingMessage }} */ (message);
  if (!request.url?.startsWith('/execute')) return;
  const at = now();
  note({ start: at, end: at });
});
answerQuestions();
