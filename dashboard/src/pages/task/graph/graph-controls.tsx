// Zooming by buttons, for those without a wheel.
import { type FitViewOptions, Panel, useReactFlow } from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import { IconButton } from '../../../design/button.tsx';
import { useShortcuts } from '../../../shell/shortcuts.ts';

export function GraphControls({ fit }: { fit: FitViewOptions }) {
  const flow = useReactFlow();
  useShortcuts('Graph', [
    { keys: 'f', words: 'Fit the graph', run: () => void flow.fitView(fit) },
    { keys: '+', words: 'Zoom in', run: () => void flow.zoomIn() },
    { keys: '-', words: 'Zoom out', run: () => void flow.zoomOut() },
    { keys: 'ArrowRight', words: 'Walk along dependencies (all arrow keys)' },
  ]);
  return (
    <Panel position="bottom-left" className="flex rounded-md border bg-raised shadow-pop">
      <IconButton label="Zoom out (-)" onClick={() => void flow.zoomOut()}>
        <Minus aria-hidden size={14} />
      </IconButton>
      <IconButton label="Zoom in (+)" onClick={() => void flow.zoomIn()}>
        <Plus aria-hidden size={14} />
      </IconButton>
      <IconButton label="Fit the graph (f)" onClick={() => void flow.fitView(fit)}>
        <Maximize aria-hidden size={14} />
      </IconButton>
    </Panel>
  );
}
