import { expect, it } from 'vitest';
import { NODE } from './layout.ts';
import { mapScaleOf, pathsOf } from './map.ts';

it('fits the whole graph with a margin, whatever its shape', () => {
  for (const far of [
    { x: 50_000, y: 90 },
    { x: 300, y: 40_000 },
    { x: 0, y: 0 },
  ]) {
    const { scale, x, y, width, height } = mapScaleOf([{ x: -40, y: 20 }, far]);
    expect(width).toBeLessThanOrEqual(200.001);
    expect(height).toBeLessThanOrEqual(150.001);
    for (const corner of [far, { x: far.x + NODE.width, y: far.y + NODE.height }]) {
      expect((corner.x - x) * scale).toBeGreaterThan(0);
      expect((corner.x - x) * scale).toBeLessThanOrEqual(width);
      expect((corner.y - y) * scale).toBeLessThanOrEqual(height);
    }
  }
});

it('draws the subtasks of one state as one path', () => {
  const nodes = [{ status: 'running' as const }, { status: 'ready' as const }, { status: 'running' as const }];
  const points = [
    { x: 0, y: 0 },
    { x: 300, y: 0 },
    { x: 0, y: 90.4 },
  ];
  const paths = pathsOf(nodes, points);
  expect([...paths.keys()]).toEqual(['running', 'ready']);
  expect(paths.get('running')).toBe('M0 0h216v60h-216zM0 90h216v60h-216z');
});
