/** What a V4L2 device offers, and which of it is taken. Pure. */

/** Sizes of one kind, and the pictures a second at them. Discrete sizes have equal ends. */
interface SizeOffer {
  readonly min: Size;
  readonly max: Size;
  /** Pixels from one width, or height, to the next. */
  readonly step: Size;
  readonly rates: { readonly min: number; readonly max: number }[];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface FormatOffer {
  /** Four letters, such as MJPG; see videodev2.h. */
  readonly fourcc: string;
  /** Empty where the driver does not tell them. */
  readonly sizes: SizeOffer[];
}

export type WantedFormat = 'auto' | 'h264' | 'mjpeg' | 'raw';

/** How the device is to be set. */
export interface Mode {
  /** As ffmpeg's `-input_format` calls it. */
  readonly format: string;
  readonly h264: boolean;
  readonly size: string;
  readonly rate: number;
}

/** Those that ffmpeg reads (libavdevice/v4l2-common.c), the one that costs least first: x264 wants YUV 4:2:0. */
const FORMATS: Record<
  Exclude<WantedFormat, 'auto'>,
  readonly (readonly [fourcc: string, format: string])[]
> = {
  h264: [['H264', 'h264']],
  mjpeg: [
    ['MJPG', 'mjpeg'],
    ['JPEG', 'mjpeg'],
  ],
  raw: [
    ['YU12', 'yuv420p'],
    ['NV12', 'nv12'],
    ['YUYV', 'yuyv422'],
    ['UYVY', 'uyvy422'],
    ['422P', 'yuv422p'],
    ['RGB3', 'rgb24'],
    ['BGR3', 'bgr24'],
    ['GREY', 'gray'],
  ],
};

/**
 * Reads what `v4l2-ctl --list-formats-ext` prints. Formats are `[0]: 'MJPG' (…)`, and before v4l-utils 1.14
 * `Pixel Format: 'MJPG'`; below each its sizes, below each of these its intervals.
 */
export function parseFormats(text: string): FormatOffer[] {
  const offers: FormatOffer[] = [];
  for (const line of text.split('\n')) {
    const fourcc = /^\s*(?:\[\d+\]|Pixel Format\s*): '([^']{4})'/.exec(line)?.[1];
    if (fourcc) offers.push({ fourcc, sizes: [] });
    const sizes = offers.at(-1)?.sizes;
    const size = sizeIn(line);
    if (size) sizes?.push(size);
    const rate = /Interval: .*\((?:([\d.]+)-)?([\d.]+) fps\)/.exec(line);
    if (rate) sizes?.at(-1)?.rates.push({ min: Number(rate[1] ?? rate[2]), max: Number(rate[2]) });
  }
  return offers;
}

/** `Size: Discrete 640x480`, or `Size: Stepwise 32x32 - 2592x1944 with step 2/2`, or `Continuous` without a step. */
function sizeIn(line: string): SizeOffer | null {
  const found = /Size: \w+ (\d+)x(\d+)(?: - (\d+)x(\d+)(?: with step (\d+)\/(\d+))?)?/.exec(line);
  if (!found) return null;
  const [width, height, maxWidth = width, maxHeight = height, stepWidth = 1, stepHeight = 1] = found
    .slice(1)
    .map((digits) => (digits === undefined ? undefined : Number(digits)));
  if (!width || !height || !maxWidth || !maxHeight) return null;
  return {
    min: { width, height },
    max: { width: maxWidth, height: maxHeight },
    step: { width: stepWidth || 1, height: stepHeight || 1 },
    rates: [],
  };
}

/** The best of what is offered, as near as can be to the size and rate asked for; null when no format fits. */
export function chooseMode(
  offers: readonly FormatOffer[],
  wanted: { format: WantedFormat; size: string; rate: number },
): Mode | null {
  const kinds = wanted.format === 'auto' ? (['h264', 'mjpeg', 'raw'] as const) : [wanted.format];
  for (const kind of kinds) {
    for (const [fourcc, format] of FORMATS[kind]) {
      const offer = offers.find((one) => one.fourcc === fourcc);
      if (offer) return { format, h264: kind === 'h264', ...nearest(offer, wanted) };
    }
  }
  return null;
}

function nearest({ sizes }: FormatOffer, { size, rate }: { size: string; rate: number }) {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const reachable = sizes.map((offer) => ({
    width: stepped(width, offer.min.width, offer.max.width, offer.step.width),
    height: stepped(height, offer.min.height, offer.max.height, offer.step.height),
    rates: offer.rates,
  }));
  const off = (one: Size) => Math.abs(one.width - width) + Math.abs(one.height - height);
  const best = reachable.toSorted((a, b) => off(a) - off(b) || a.width - b.width)[0];
  // A driver that does not tell its sizes takes the nearest by itself.
  if (!best) return { size, rate };
  return { size: `${best.width}x${best.height}`, rate: nearestRate(best.rates, rate) };
}

/** The nearest to `value` in steps from `min`. */
function stepped(value: number, min: number, max: number, step: number): number {
  const within = Math.min(Math.max(value, min), max);
  return Math.min(min + Math.round((within - min) / step) * step, max - ((max - min) % step));
}

function nearestRate(rates: SizeOffer['rates'], wanted: number): number {
  const reachable = rates.map(({ min, max }) => Math.min(Math.max(wanted, min), max));
  const off = (rate: number) => Math.abs(rate - wanted);
  return reachable.toSorted((a, b) => off(a) - off(b) || b - a)[0] ?? wanted;
}
