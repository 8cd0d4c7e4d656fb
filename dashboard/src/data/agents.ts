// The crew and what it does, read again when an event says that some agent's status changed.
import { useQuery } from '@tanstack/react-query';
import { agentsActivityResponse } from '../../../src/protocol/dashboard-api.ts';
import { apiUrl, request } from './api.ts';

export function useAgents() {
  return useQuery({
    queryKey: ['agents', 'activity'],
    queryFn: ({ signal }) => request({ url: apiUrl(['agents', 'activity']), schema: agentsActivityResponse, signal }),
  });
}
