// The map of a large graph: its subtasks in the colours of their states, and what of it is on the screen. Our own, since
// xyflow's paints every subtask again at each step of a pan: more than half of what a step of 2,000 costs.
import { Panel, type ReactFlowState, useReactFlow, useStore } from '@xyflow/react';
import { type PointerEvent, useMemo } from 'react';
import type { TaskGraphResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { SUBTASK_LOOKS } from '../../../design/status.tsx';
import type { Point } from './layout.ts';
import { type MapScale, mapScaleOf, pathsOf } from './map.ts';

interface GraphMapProps {
  nodes: TaskGraphResponse['nodes'];
  points: readonly Point[];
}

/** For the pointer only: who walks by keys is taken along anyway. */
export function GraphMap({ nodes, points }: GraphMapProps) {
  const flow = useReactFlow();
  const map = useMemo(() => mapScaleOf(points), [points]);
  const paths = useMemo(() => [...pathsOf(nodes, points)], [nodes, points]);
  const go = (event: PointerEvent<HTMLElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = map.x + (event.clientX - box.left) / map.scale;
    const y = map.y + (event.clientY - box.top) / map.scale;
    void flow.setCenter(x, y, { zoom: flow.getZoom(), duration: 0 });
  };
  const { x, y, width, height, scale } = map;
  return (
    <Panel position="bottom-right" className="max-sm:hidden">
      <div
        aria-hidden
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={go}
        className="relative cursor-crosshair overflow-hidden rounded-md border bg-raised shadow-pop"
        style={{ width: width + 2, height: height + 2 }}
      >
        <svg aria-hidden="true" width={width} height={height} viewBox={`${x} ${y} ${width / scale} ${height / scale}`}>
          {paths.map(([status, path]) => (
            <path key={status} d={path} fill={`var(--${SUBTASK_LOOKS[status].tone}-fill)`} />
          ))}
        </svg>
        <Sight map={map} />
      </div>
    </Panel>
  );
}

/** What is on the screen: the rest is dimmed. */
function Sight({ map }: { map: MapScale }) {
  const seen = useStore((state) => seenOn(map, state));
  const [left = 0, top = 0, width = 0, height = 0] = seen.split(' ').map(Number);
  return (
    <div
      className="absolute top-0 left-0 rounded-xs outline-1 outline-accent shadow-[0_0_0_999px_color-mix(in_oklab,var(--canvas)_60%,transparent)]"
      style={{ width, height, transform: `translate(${left}px, ${top}px)` }}
    />
  );
}

/** As text, so that an equal one draws nothing. */
function seenOn({ x, y, scale }: MapScale, { transform: [left, top, zoom], width, height }: ReactFlowState): string {
  const sight = [
    (-left / zoom - x) * scale,
    (-top / zoom - y) * scale,
    (width / zoom) * scale,
    (height / zoom) * scale,
  ];
  return sight.map((part) => part.toFixed(1)).join(' ');
}
