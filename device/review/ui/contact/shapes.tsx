import { useMemo } from 'preact/hooks';
import type { Waveform } from '../../clips/schema.ts';
import type { Lane } from './lanes.ts';
import { type Axis, type Layers, type Lean, type Span, wavePath } from './layers.ts';

/** What is drawn on the timeline. It is a picture: the table below says the same in words. */
export function Shapes({
  axis,
  layers,
  waveform,
  lanes,
  width,
  height,
}: {
  axis: Axis;
  layers: Layers;
  waveform: Waveform | null;
  lanes: readonly Lane[];
  width: number;
  height: number;
}) {
  // The playhead moves all the time, and nothing of this does.
  return useMemo(() => {
    const x = (ms: number) => Math.round((ms / axis.duration) * width * 10) / 10;
    const lane = (id: string) => lanes.find((one) => one.id === id);
    const box = (span: Pick<Span, 'from' | 'to'>, y: number, tall: number, kind: string) => (
      <rect
        key={`${kind}${span.from}`}
        class={kind}
        {...{ x: x(span.from), y, width: Math.max(1, x(span.to) - x(span.from)), height: tall }}
      />
    );
    const [patient, receptionist, face] = [lane('speech'), lane('receptionist'), lane('face')];
    const speech = layers.speech;
    const departure = axis.departure ?? axis.duration;
    return (
      <svg class="contact-shapes" width={width} height={height} aria-hidden="true">
        <defs>
          <pattern id="contact-unknown" width="6" height="6" patternUnits="userSpaceOnUse">
            <path class="contact-hatch" d="M-1 1l2-2M0 6L6 0M5 7l2-2" />
          </pattern>
          <pattern id="contact-gap" width="5" height="5" patternUnits="userSpaceOnUse">
            <path class="contact-hatch gap" d="M-1 4l2 2M0 0l5 5M4-1l2 2" />
          </pattern>
        </defs>
        {lanes.map(({ id, y, height: tall }) => (
          <rect key={id} class="contact-lane" {...{ x: 0, y, width, height: tall }} />
        ))}
        {waveform?.channels.map(({ name, peaks }) => {
          const own = lane(`wave-${name}`);
          const length = x(waveform.duration || axis.duration);
          return (
            own && (
              <path
                key={name}
                class="contact-wave"
                transform={`translate(0 ${own.y})`}
                d={wavePath(peaks, length, own.height)}
              />
            )
          );
        })}
        {face &&
          layers.face?.states.map((span) => box(span, face.y, face.height, `contact-face ${span.what}`))}
        {face && <path class="contact-middle" d={`M0 ${face.y + face.height / 2}H${width}`} />}
        {face &&
          layers.face?.curves.map((curve) => (
            <path key={curve[0]?.at} class="contact-curve" d={curveOf(curve, x, face)} />
          ))}
        {patient && speech?.patient.map((bar) => speechBar(bar, patient, x))}
        {receptionist && speech?.receptionist?.map((bar) => speechBar(bar, receptionist, x))}
        {patient &&
          receptionist &&
          layers.overlaps.map((span) =>
            box(span, patient.y, receptionist.y + receptionist.height - patient.y, 'contact-overlap'),
          )}
        {patient && layers.raised.map((span) => box(span, patient.y, 5, 'contact-raised'))}
        {axis.arrival > 0 && box({ from: 0, to: axis.arrival }, 0, height, 'contact-roll')}
        {departure < axis.duration && box({ from: departure, to: axis.duration }, 0, height, 'contact-roll')}
        {layers.gaps.map((gap) => box(gap, 0, height, `contact-gap ${gap.what}`))}
        <path class="contact-edge" d={`M${x(axis.arrival)} 0V${height}M${x(departure)} 0V${height}`} />
      </svg>
    );
  }, [axis, layers, waveform, lanes, width, height]);
}

function speechBar(
  { from, to, share }: { from: number; to: number; share: number },
  { y, height }: Lane,
  x: (ms: number) => number,
) {
  const tall = Math.max(2, share * height);
  return (
    <rect
      key={from}
      class="contact-speech"
      {...{ x: x(from), y: y + height - tall, width: Math.max(1, x(to) - x(from)), height: tall }}
    />
  );
}

/** A piece of the face's curve: up is positive. A single second is a short dash. */
function curveOf(curve: readonly Lean[], x: (ms: number) => number, { y, height }: Lane): string {
  const points = curve.map(({ at, lean }) => [x(at), Math.round((y + (height * (1 - lean)) / 2) * 10) / 10]);
  const [first] = points;
  if (!first) return '';
  return points.length === 1
    ? `M${first[0]} ${first[1]}h2`
    : `M${points.map((point) => point.join(' ')).join('L')}`;
}
