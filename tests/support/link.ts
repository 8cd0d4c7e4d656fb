// A network link that can fail: a TCP proxy between two processes, which a fault cuts, stalls or makes deaf, and heals again.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * `up`: bytes flow. `cut`: connections are reset, new ones too. `stalled`: connections stay, no byte passes until it is
 * healed. `deaf`: requests arrive, answers do not until it is healed.
 */
export type LinkState = 'up' | 'cut' | 'stalled' | 'deaf';

interface Pair {
  client: Socket;
  server: Socket;
}

export class Link {
  readonly name: string;
  readonly targetPort: number;
  private readonly listener: Server;
  private readonly pairs = new Set<Pair>();
  private state: LinkState = 'up';

  private constructor(name: string, targetPort: number) {
    this.name = name;
    this.targetPort = targetPort;
    this.listener = createServer((client) => this.join(client));
  }

  /** Listens on a free port of loopback; what connects there reaches `targetPort`, whether or not something listens yet. */
  static async open(name: string, targetPort: number): Promise<Link> {
    const link = new Link(name, targetPort);
    link.listener.listen(0, '127.0.0.1');
    await once(link.listener, 'listening');
    return link;
  }

  get port(): number {
    const address = this.listener.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  set(state: LinkState): void {
    this.state = state;
    for (const pair of this.pairs) this.apply(pair);
  }

  close(): void {
    this.set('cut');
    this.listener.close();
  }

  private join(client: Socket): void {
    if (this.state === 'cut') return void client.on('error', () => undefined).resetAndDestroy();
    const pair = { client, server: connect({ host: '127.0.0.1', port: this.targetPort }) };
    this.pairs.add(pair);
    forward(client, pair.server);
    forward(pair.server, client);
    for (const socket of [client, pair.server]) socket.once('close', () => this.pairs.delete(pair));
    this.apply(pair);
  }

  private apply({ client, server }: Pair): void {
    if (this.state === 'cut') {
      client.resetAndDestroy();
      server.resetAndDestroy();
      return;
    }
    // A paused socket leaves its bytes with the operating system.
    if (this.state === 'stalled') client.pause();
    else client.resume();
    if (this.state === 'up') server.resume();
    else server.pause();
  }
}

function forward(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('data', (bytes) => to.write(bytes));
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
}
