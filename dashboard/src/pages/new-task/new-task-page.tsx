// New task: what should be done? Its draft is the one of the home page.
import { Page } from '../../shell/page.tsx';
import { TaskForm } from '../../task-form/task-form.tsx';

export function NewTaskPage() {
  return (
    <Page title="New task" narrow>
      <TaskForm />
    </Page>
  );
}
