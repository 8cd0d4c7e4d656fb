// Ports that stay a service's own while it is down: below those that the system hands out to connections and to port 0, one of
// which might take a port in the meantime.
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 12_000;
const LAST = 31_999;

let next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

/** A port that nothing uses, and that this process gives to nobody else. */
export async function ownPort(): Promise<number> {
  for (;;) {
    next = next < LAST ? next + 1 : FIRST;
    if (await isFree(next)) return next;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
