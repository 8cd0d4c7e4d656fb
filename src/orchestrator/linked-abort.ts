// Work that ends for a reason of its own, or because something greater ends: the whole service, or the client's connection.

import { setMaxListeners } from 'node:events';

export interface LinkedAbort {
  signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Lets go of the parents, which may live much longer. (AbortSignal.any leaks on such a parent in Node 20.) */
  release(): void;
}

/** Aborts when the first of the parents does. */
export function linkedAbort(...parents: AbortSignal[]): LinkedAbort {
  const controller = new AbortController();
  // As many followers as there are open streams: no leak that Node should warn of.
  setMaxListeners(0, ...parents);
  const links = parents.map((parent) => {
    const follow = () => controller.abort(parent.reason);
    if (parent.aborted) follow();
    else parent.addEventListener('abort', follow, { once: true });
    return () => parent.removeEventListener('abort', follow);
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      for (const unlink of links) unlink();
    },
  };
}
