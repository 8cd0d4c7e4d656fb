// The overview's figures as a hook. Read again when something happened, but not more often than a person can follow.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { statsResponse } from '../../../src/protocol/dashboard-api.ts';
import { apiUrl, request } from './api.ts';
import { Gathering } from './gathering.ts';

export type StatsWindow = '1h' | '24h' | '7d';

const AGAIN_MS = 3_000;

export function useStats(window: StatsWindow) {
  const queryClient = useQueryClient();
  const query = useQuery({
    queryKey: ['stats', window],
    queryFn: ({ signal }) => request({ url: apiUrl(['stats'], { window }), schema: statsResponse, signal }),
    placeholderData: keepPreviousData,
  });
  const changes = useRef<Gathering<null> | null>(null);
  useEffect(() => {
    const created = new Gathering<null>(AGAIN_MS, () => void queryClient.invalidateQueries({ queryKey: ['stats'] }));
    changes.current = created;
    return () => created.stop();
  }, [queryClient]);
  return { query, somethingHappened: () => changes.current?.add(null) };
}
