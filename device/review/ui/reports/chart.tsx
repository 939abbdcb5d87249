import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** One of the things that a chart shows over its buckets. Colours are names of tokens. */
export interface Line {
  readonly values: readonly (number | null)[];
  readonly colour: string;
  /** The band around it. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
  readonly dashed?: boolean;
  readonly bars?: boolean;
}

const HEIGHT = 220;
/** The theme has changed, or paper is to be drawn on. */
const COLOURS = 'ca:colours';
export const coloursChanged = () => dispatchEvent(new Event(COLOURS));

/** A chart over buckets that have names. What it shows has to stand beside it as a table: it is a picture. */
export function Chart({
  label,
  names,
  lines,
  marks,
  format,
}: {
  /** For who cannot see it. */
  label: string;
  names: readonly string[];
  lines: readonly Line[];
  /** Places of buckets with a special day. */
  marks: readonly number[];
  format: (value: number) => string;
}) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = holder.current;
    if (!place) return;
    let chart: uPlot | null = null;
    const draw = () => {
      chart?.destroy();
      chart = new uPlot(options({ names, lines, marks, format, place }), data(names, lines), place);
    };
    draw();
    const resized = new ResizeObserver(() => {
      if (chart && chart.width !== place.clientWidth)
        chart.setSize({ width: place.clientWidth, height: HEIGHT });
    });
    resized.observe(place);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    addEventListener(COLOURS, draw);
    return () => {
      removeEventListener(COLOURS, draw);
      scheme.removeEventListener('change', draw);
      themed.disconnect();
      resized.disconnect();
      chart?.destroy();
    };
  }, [names, lines, marks, format]);
  return <div class="reports-chart" role="img" aria-label={label} ref={holder} />;
}

function data(names: readonly string[], lines: readonly Line[]): uPlot.AlignedData {
  const columns = lines.flatMap(({ values, low, high }) =>
    low && high ? [[...low], [...high], [...values]] : [[...values]],
  );
  return [names.map((_, i) => i), ...columns];
}

function options({
  names,
  lines,
  marks,
  format,
  place,
}: {
  names: readonly string[];
  lines: readonly Line[];
  marks: readonly number[];
  format: (value: number) => string;
  place: HTMLElement;
}): uPlot.Options {
  const colour = (name: string) => colourIn(place, name);
  const special = colour('warning');
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const { colour: name, low, dashed = false, bars = false } of lines) {
    const stroke = colour(name);
    const line: uPlot.Series = {
      ...{ stroke, spanGaps: true },
      width: bars ? 0 : 2,
      points: { show: names.length < 40 && !bars, size: 5 },
    };
    if (dashed) line.dash = [6, 4];
    if (bars) Object.assign(line, { fill: stroke, paths: uPlot.paths.bars?.({ size: [0.7, 40] }) });
    if (low) {
      const edge: uPlot.Series = {
        ...{ stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true },
      };
      bands.push({ series: [series.length + 1, series.length], fill: colour(`${name}-soft`) });
      series.push(edge, edge);
    }
    // After its band, which would lie over it.
    series.push(line);
  }
  const axis = {
    stroke: colour('muted'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui',
  };
  return {
    ...{
      width: place.clientWidth,
      height: HEIGHT,
      series,
      bands,
      legend: { show: false },
      cursor: { show: false },
    },
    scales: {
      x: { time: false, range: [-0.6, Math.max(0.6, names.length - 0.4)] },
      y: { range: (_chart, _low, high) => [0, high > 0 ? high * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        incrs: [1, 2, 3, 7, 14, 28, 60, 120, 365],
        space: 110,
        values: (_chart, places) => places.map((place) => names[place] ?? ''),
      },
      { ...axis, size: 56, values: (_chart, values) => values.map(format) },
    ],
    hooks: {
      draw: [
        (chart) => {
          const { ctx, bbox } = chart;
          ctx.save();
          ctx.fillStyle = special;
          for (const mark of marks) {
            const x = chart.valToPos(mark, 'x', true);
            const size = 5 * devicePixelRatio;
            ctx.beginPath();
            ctx.moveTo(x, bbox.top + size * 1.6);
            ctx.lineTo(x - size, bbox.top);
            ctx.lineTo(x + size, bbox.top);
            ctx.fill();
          }
          ctx.restore();
        },
      ],
    },
  };
}

/** What a colour of style.css is in the theme of now. The custom property itself says both: only one that is drawn with has chosen. */
function colourIn(place: HTMLElement, name: string): string {
  place.style.color = `var(--${name})`;
  return getComputedStyle(place).color;
}
