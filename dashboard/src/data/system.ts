// What is in use: which model answers, on which store. Read once a visit.
import { useQuery } from '@tanstack/react-query';
import { systemResponse } from '../../../src/protocol/dashboard-api.ts';
import { apiUrl, request } from './api.ts';

export function useSystem() {
  return useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => request({ url: apiUrl(['system']), schema: systemResponse, signal }),
    refetchOnMount: false,
  });
}
