// Task: what is happening, at a glance.
import { getRouteApi } from '@tanstack/react-router';
import { Page } from '../../shell/page.tsx';

const route = getRouteApi('/tasks/$taskId');

export function TaskPage() {
  const { taskId } = route.useParams();
  return <Page title={taskId}>…</Page>;
}
