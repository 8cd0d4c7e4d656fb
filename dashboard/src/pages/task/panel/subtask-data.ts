// One subtask in full, read again whenever its row in the graph changed.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type GraphNode, subtaskDetailResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { apiUrl, request } from '../../../data/api.ts';

export function useSubtask(taskId: string, node: GraphNode) {
  return useQuery({
    queryKey: ['task', taskId, 'subtask', node.id, node.status, node.attempt, node.waiting?.reason ?? ''],
    queryFn: ({ signal }) =>
      request({ url: apiUrl(['tasks', taskId, 'subtasks', node.id]), schema: subtaskDetailResponse, signal }),
    placeholderData: (before) => (before?.subtask.id === node.id ? keepPreviousData(before) : undefined),
  });
}
