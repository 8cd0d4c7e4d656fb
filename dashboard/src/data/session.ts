// Whether the browser is signed in. Nothing is kept in the page: the key is in a cookie that scripts cannot read, so the
// first answer of 401 is what tells.
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { meResponse } from '../../../src/protocol/keys-api.ts';
import { ApiError, apiUrl, request } from './api.ts';

let signedOut = false;
const listeners = new Set<() => void>();

function set(value: boolean): void {
  if (signedOut === value) return;
  signedOut = value;
  for (const listener of listeners) listener();
}

/** Told of every request that failed. */
export function noticeRefusal(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) set(true);
}

export function useSignedOut(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => signedOut,
  );
}

/** Throws an ApiError that says what is wrong with the key. */
export async function signIn(key: string): Promise<void> {
  await request({ url: '/session', method: 'POST', body: { key }, schema: meResponse });
}

/** Shows the pages. What was read for another user must be forgotten before. */
export function enter(): void {
  set(false);
}

export async function signOut(): Promise<void> {
  const answer = await fetch('/session', { method: 'DELETE' });
  if (answer.ok) set(true);
}

/** Who is signed in, and with which role. Read once a visit. */
export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => request({ url: apiUrl(['me']), schema: meResponse, signal }),
    refetchOnMount: false,
  });
}
