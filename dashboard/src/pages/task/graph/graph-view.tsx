// The task as a graph: columns along dependencies, live states, the critical path marked. Fits whatever size; a map helps
// in a large one. Arrow keys walk along the edges.
import '@xyflow/react/dist/base.css';
import './graph.css';
import {
  ReactFlow,
  ReactFlowProvider,
  useOnViewportChange,
  useReactFlow,
  useStore,
  ViewportPortal,
} from '@xyflow/react';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import type { TaskGraphResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { Loading, Skeleton } from '../../../design/states.tsx';
import type { Selection } from '../selection.ts';
import { curvesOf } from './curves.ts';
import { FAR_ZOOM, isSeenFromAfar } from './far.ts';
import { useFlowNodes } from './flow-nodes.ts';
import { GraphControls } from './graph-controls.tsx';
import { GraphMap } from './graph-map.tsx';
import { NODE, type Point } from './layout.ts';
import { type Direction, step } from './steps.ts';
import { type FlowNode, SubtaskNode } from './subtask-node.tsx';
import { useLayout } from './use-layout.ts';

const NODE_TYPES = { subtask: SubtaskNode };
const MAP_FROM = 40;
/** A large graph begins so until it is fitted: words that vanish at once would double the time of drawing it. */
const FROM_AFAR = { x: 0, y: 0, zoom: 0.1 };
const FROM_NEAR = { x: 0, y: 0, zoom: 1 };
const FIT = { padding: 0.08, maxZoom: 1 };

export interface GraphViewProps {
  graph: TaskGraphResponse;
  selection: Selection;
  /** Whether a subtask passes the filters; the others fade. */
  matches: (position: number) => boolean;
}

export function GraphView(props: GraphViewProps) {
  const points = useLayout(props.graph.nodes);
  if (!points) {
    return (
      <Loading what="the layout">
        <Skeleton className="m-4 h-24 w-64" />
      </Loading>
    );
  }
  return (
    <ReactFlowProvider>
      <Canvas {...props} points={points} />
    </ReactFlowProvider>
  );
}

function Canvas({ graph, selection, matches, points }: GraphViewProps & { points: readonly Point[] }) {
  const nodes = useFlowNodes({ graph, points, selected: selection.position, matches });
  const walk = useWalk({ graph, selection, points });
  return (
    <div
      role="application"
      aria-label={`Graph of ${graph.nodes.length} subtasks. Arrow keys walk along dependencies; the table shows the same.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the graph is one stop of the Tab key; arrows move inside.
      tabIndex={0}
      onKeyDown={walk}
      className="graph h-full w-full outline-offset-[-2px]"
    >
      <ReactFlow<FlowNode>
        nodes={nodes}
        nodeTypes={NODE_TYPES}
        onNodeClick={(_event, node) => selection.select(node.data.node.id)}
        onPaneClick={selection.clear}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        onlyRenderVisibleElements
        defaultViewport={nodes.length >= MAP_FROM ? FROM_AFAR : FROM_NEAR}
        fitView
        fitViewOptions={FIT}
        minZoom={0.02}
        maxZoom={1.5}
        proOptions={{ hideAttribution: true }}
      >
        <Curves graph={graph} points={points} selected={selection.position} />
        <Marks />
        <Refit />
        <GraphControls fit={FIT} />
        {nodes.length >= MAP_FROM && <GraphMap nodes={graph.nodes} points={points} />}
      </ReactFlow>
    </div>
  );
}

interface CurvesProps {
  graph: TaskGraphResponse;
  points: readonly Point[];
  selected: number | null;
}

function Curves({ graph, points, selected }: CurvesProps) {
  const { nodes, critical_path: criticalPath } = graph;
  const key = nodes.length;
  const criticalKey = criticalPath.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: edges do not change with the states of subtasks.
  const curves = useMemo(
    () => curvesOf({ points, dependencies: nodes.map((node) => node.dependencies), criticalPath, selected }),
    [points, key, criticalKey, selected],
  );
  return (
    <ViewportPortal>
      <svg
        aria-hidden="true"
        width="1"
        height="1"
        className="curves pointer-events-none absolute top-0 left-0 overflow-visible"
      >
        <path d={curves.plain} className="curves-plain" />
        <path d={curves.critical} className="curves-critical" />
        <path d={curves.near} className="curves-near" />
      </svg>
    </ViewportPortal>
  );
}

/** Marks the canvas while it is seen from afar, and while it moves; the style sheet does the rest. */
function Marks() {
  const isFar = useStore(isSeenFromAfar);
  const canvas = useStore((state) => state.domNode);
  useEffect(() => {
    canvas?.toggleAttribute('data-far', isFar);
  }, [canvas, isFar]);
  useOnViewportChange({
    onStart: () => canvas?.toggleAttribute('data-moving', true),
    onEnd: () => canvas?.toggleAttribute('data-moving', false),
  });
  return null;
}

/** The side panel and the result take room: the graph is fitted again, unless it was moved since it was fitted. */
function Refit() {
  const flow = useReactFlow();
  const size = useStore(({ width, height }) => `${width} ${height}`);
  const fitted = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the size that it answers to.
  useEffect(() => {
    const view = () => JSON.stringify(flow.getViewport());
    if (fitted.current !== null && fitted.current !== view()) return;
    void flow.fitView(FIT).then(() => {
      fitted.current = view();
    });
  }, [flow, size]);
  return null;
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

interface Walking {
  graph: TaskGraphResponse;
  selection: Selection;
  points: readonly Point[];
}

function useWalk({ graph, selection, points }: Walking) {
  const flow = useReactFlow();
  return (event: KeyboardEvent) => {
    const direction = DIRECTIONS[event.key];
    if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const dependencies = graph.nodes.map((node) => node.dependencies);
    const from = selection.position;
    const to = from === null ? 0 : step({ points, dependencies }, from, direction);
    const [node, point] = [graph.nodes[to], points[to]];
    if (!node || !point) return;
    selection.select(node.id);
    const zoom = Math.max(flow.getZoom(), FAR_ZOOM);
    void flow.setCenter(point.x + NODE.width / 2, point.y + NODE.height / 2, { zoom, duration: 0 });
  };
}
