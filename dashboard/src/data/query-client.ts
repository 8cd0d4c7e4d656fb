// What is read from the API is kept here and made new by events, not by time: queries are neither polled nor refetched
// because a window gets the focus.
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';
import { noticeRefusal } from './session.ts';

const RETRIES = 3;

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeRefusal }),
  mutationCache: new MutationCache({ onError: noticeRefusal }),
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnMount: 'always',
      retry: (failures, error) => isPassing(error) && failures < RETRIES,
    },
  },
});

/** Whether the same request may succeed later. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500) && error.code !== 'invalid_response';
}
