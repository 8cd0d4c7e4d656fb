// A call that waits, cancelled by its client. The cancellation comes as a request of its own, maybe to another orchestrator,
// so the bus carries it. Clients number their requests from zero, each for itself: a call is known by the key, by the label
// that its client was given, and by that number.
import type { Notices } from '../../bus/bus.ts';
import { listen } from '../notices.ts';
import type { Parts } from '../parts.ts';

export type CallName = Notices['calls'];

type Messenger = Pick<Parts, 'bus' | 'logger'>;

/** Resolves, once listening, to a function that stops it. */
export async function listenForCancel(to: Messenger, call: CallName, onCancel: () => void): Promise<() => void> {
  return listen(to, 'calls', (heard) => {
    const isIt = heard.key_id === call.key_id && heard.client === call.client && heard.request_id === call.request_id;
    if (isIt) onCancel();
  });
}
