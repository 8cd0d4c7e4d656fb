// One small chart, drawn by uPlot on a canvas, which nobody needs: its figure says the same in words. Colours are read from
// the page, so that it follows the theme.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Figure, Line, Tone } from './series.ts';

const HEIGHT = 72;

interface ChartProps {
  figure: Figure;
  /** Seconds. */
  instants: readonly number[];
}

export function Chart({ figure, instants }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const draw = () => new uPlot(optionsOf(figure, element), dataOf(figure, instants), element);
    let plot = draw();
    const again = () => {
      plot.destroy();
      plot = draw();
    };
    const watcher = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    watcher.observe(element);
    const stopWatchingTheme = onOtherTheme(again);
    return () => {
      watcher.disconnect();
      stopWatchingTheme();
      plot.destroy();
    };
  }, [figure, instants]);
  return <div ref={place} aria-hidden className="h-18 w-full overflow-hidden" />;
}

/** The system's theme, or the one that was chosen here. */
function onOtherTheme(work: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const chosen = new MutationObserver(work);
  dark.addEventListener('change', work);
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    dark.removeEventListener('change', work);
    chosen.disconnect();
  };
}

function dataOf({ lines }: Figure, instants: readonly number[]): uPlot.AlignedData {
  return [[...instants], ...lines.map((line) => line.values)];
}

function optionsOf(figure: Figure, element: HTMLElement): uPlot.Options {
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [4, 0, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      // Half a bucket on either side, so that the first and the last are whole.
      x: { time: true, range: (plot, min, max) => withMargin(plot, min, max) },
      y: { range: (_plot, _min, max) => [0, Math.max(max, 1e-6) * 1.05] },
    },
    series: [{}, ...figure.lines.map((line) => seriesOf(line, figure.shape))],
  };
}

function withMargin(plot: uPlot, min: number, max: number): [number, number] {
  const half = (max - min) / Math.max(1, plot.data[0].length - 1) / 2;
  return [min - half, max + half];
}

function seriesOf({ name, tone }: Line, shape: Figure['shape']): uPlot.Series {
  const colour = colourOf(tone);
  const bars = shape === 'bars' && uPlot.paths.bars?.({ size: [0.7, 12] });
  return {
    label: name,
    stroke: colour,
    width: bars ? 0 : 1.5,
    points: { show: shape === 'lines', size: 3, fill: colour },
    ...(bars && { fill: colour, paths: bars }),
  };
}

/** The tokens use light-dark(), which a canvas does not know: a probe says what they are now. */
function colourOf(tone: Tone): string {
  const probe = document.createElement('span');
  probe.className = `tone-${tone} text-tone`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
