// A page's live connection as a hook, and its state for the indicator in the shell. A page has one. While the tab is
// hidden the connection is let go: browsers allow six a server, and a crew may be watched in many tabs.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { LiveConnection, type LiveOptions, type LiveState } from './live-connection.ts';

const HIDDEN_MS = 20_000;

let shown: LiveState = { kind: 'off' };
const listeners = new Set<() => void>();

function show(state: LiveState): void {
  shown = state;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The state of the page's connection. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribe, () => shown);
}

export interface PageStream extends Omit<LiveOptions, 'onState'> {
  /** Null: there is nothing to listen to. Another key is another stream. */
  key: string | null;
}

/** Listens as long as the page shows. The newest callbacks are called. */
export function usePageStream(stream: PageStream): void {
  useStream(stream, show);
}

/** A second stream beside the page's, such as the log of one subtask; its state is the caller's. */
export function useStream(stream: PageStream, onState: (state: LiveState) => void): void {
  const newest = useRef({ stream, onState });
  newest.current = { stream, onState };
  const { key } = stream;
  useEffect(() => {
    if (key === null) return;
    const connection = new LiveConnection({
      url: (after) => newest.current.stream.url(after),
      events: newest.current.stream.events,
      onEvent: (event) => newest.current.stream.onEvent(event),
      onState: (state) => newest.current.onState(state),
    });
    connection.start();
    const stopWatching = pauseWhileHidden(connection);
    return () => {
      stopWatching();
      connection.stop();
    };
  }, [key]);
}

function pauseWhileHidden(connection: LiveConnection): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') connection.start();
    else timer = setTimeout(() => connection.stop(), HIDDEN_MS);
  };
  document.addEventListener('visibilitychange', look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
