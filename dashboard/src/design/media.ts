// What the window is like, for parts whose structure, not only whose look, depends on it.
import { useSyncExternalStore } from 'react';

/** Tailwind's `sm`: below it tables become stacked rows. */
const NARROW = '(width < 40rem)';

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches);
}

function subscribe(listener: () => void): () => void {
  const media = matchMedia(NARROW);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}
