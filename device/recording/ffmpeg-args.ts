import { type CameraSource, SAMPLE_RATE } from '../../drivers/types.ts';

/** What one ffmpeg is to capture. Times in seconds; wall-clock times since the Unix epoch. */
export interface CapturePlan {
  readonly camera: CameraSource | null;
  /** Wall-clock time of the first sample on `pipe:0`; null for no sound. */
  readonly soundFrom: number | null;
  /** Of the sound. */
  readonly channels: 1 | 2;
  /** Wall-clock time of the run's own second 0: before anything it will capture. */
  readonly runZero: number;
  /** The same moment in seconds of the timeline. */
  readonly runStart: number;
  /** RGB pictures a second on `pipe:1`; null for none. */
  readonly frameRate: number | null;
  /** Where the segments go, with `%06d` for their number. */
  readonly segments: string;
}

export const FRAME_WIDTH = 640;
export const FRAME_HEIGHT = 480;

/** File descriptors of the ffmpeg, beside stdin (PCM) and stdout (RGB pictures). */
export const LIST_FD = 3;
export const FEED_FD = 4;
export const PROGRESS_FD = 5;

/** Long enough that files are few, short enough that little beyond the pre-roll is kept. Cut at the next key picture. */
const SEGMENT_SECONDS = 2;

/** A stream that stops must not hold back the other for longer than this (µs). */
const INTERLEAVE = 500_000;

/** The arguments for one capture. Pure. */
export function captureArgs(plan: CapturePlan): string[] {
  const { camera, soundFrom } = plan;
  const input = [
    ...(camera ? cameraInput(camera) : []),
    ...(soundFrom === null ? [] : soundInput(soundFrom, plan.channels)),
  ];
  const streams = [
    ...(camera ? ['-map', '0:v:0', ...(camera.h264 ? COPIED : ENCODED)] : []),
    ...(soundFrom === null ? [] : ['-map', `${camera ? 1 : 0}:a:0`, ...aac(plan.channels)]),
  ];
  const frames = camera && plan.frameRate !== null ? framesOutput(plan.frameRate) : [];
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-nostats'],
    ...['-progress', `pipe:${PROGRESS_FD}`, '-stats_period', '0.5'],
    '-copyts',
    ...input,
    ...streams,
    ...segmentOutput(plan),
    ...frames,
  ];
}

/**
 * A camera's input options. ffmpeg would look at 20 pictures to learn their rate, which nothing here asks for: 1.7 s,
 * now 0.4 s. What comes late is stamped as much earlier: with -copyts the offset adds to the stamp of the arrival.
 */
export function cameraInput({ args, latency }: CameraSource): string[] {
  const offset = latency > 0 ? ['-itsoffset', (-latency / 1000).toFixed(3)] : [];
  return ['-fpsprobesize', '0', ...offset, ...args];
}

function soundInput(from: number, channels: 1 | 2): string[] {
  // Without -nofind_stream_info ffmpeg would read seconds of PCM before it begins, and the camera would wait.
  return [
    ...['-thread_queue_size', '512', '-nofind_stream_info'],
    ...['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', String(channels)],
    ...['-itsoffset', from.toFixed(6), '-i', 'pipe:0'],
  ];
}

/**
 * ffmpeg's default `twoloop` took 2.4 % of a core for speech, more than all the rest of the capture; `fast` takes a
 * quarter and comes as near to the original (noise to mask −6.6 dB against −6.4; it shows in pure loud tones without any
 * noise, which no microphone gives). Temporal noise shaping cost a tenth more and made nothing better.
 */
const AAC = ['-aac_coder', 'fast', '-aac_tns', '0'];
/**
 * As many bits for each of two microphones as for one. What is said into one does not leak into the other: it came out
 * 74 dB down, with and without mid/side and intensity stereo, so both stay at their defaults.
 */
function aac(channels: 1 | 2): string[] {
  return ['-c:a', 'aac', '-b:a', `${48 * channels}k`, ...AAC];
}

/**
 * Leaves out what comes before the first key picture with a time stamp: RTSP's first packet has none and would begin
 * the timeline at 0, and pictures after a key that is missing would be drawn over those of the run before.
 */
const BEGINNING = 'if(ld(0), 0, if(key*not(eq(pts,nopts)), st(0,1)*0, 1))';
const COPIED = ['-c:v', 'copy', '-bsf:v', `noise=drop='${BEGINNING}'`];

/**
 * A key picture each second, counted from the one before: `n_forced*1` would make every picture one, since with
 * -copyts t is the wall clock. `passthrough` and the fine time base keep the true times of a camera that has no
 * steady rate; otherwise ffmpeg would repeat and drop pictures, beginning with those since 1970.
 */
const ENCODED = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
  ...['-crf', '26', '-maxrate', '1500k', '-bufsize', '1500k'],
  ...['-force_key_frames', 'expr:isnan(prev_forced_t)+gte(t,prev_forced_t+1)'],
  ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
];

function segmentOutput(plan: CapturePlan): string[] {
  // segment_time counts from the 0 of what the segment muxer is given, so that is the run's own time; the muxer of
  // each file puts it on the timeline. flush_packets and pes_payload_size: what has been captured is in the file at
  // once, so a clip need not wait and a kill -9 costs a picture or two. Sound keeps its PID when there is no picture.
  const inner = [
    'flush_packets=1',
    'pes_payload_size=0',
    `output_ts_offset=${plan.runStart.toFixed(6)}`,
    ...(plan.camera ? [] : ['mpegts_start_pid=257']),
  ];
  return [
    ...['-output_ts_offset', (-plan.runZero).toFixed(6), '-max_interleave_delta', String(INTERLEAVE)],
    ...['-f', 'segment', '-segment_time', String(SEGMENT_SECONDS)],
    ...['-segment_format', 'mpegts', '-segment_format_options', inner.join(':')],
    ...['-segment_list', `pipe:${LIST_FD}`, '-segment_list_type', 'csv', plan.segments],
  ];
}

/**
 * ffmpeg 5.1 always works next for the output that is furthest behind. These pictures, being rare, always were: the
 * sound came into the ring in lumps, up to 1.1 s late. Seconds; longer than from one picture to the next.
 */
const FRAMES_AHEAD = 6;

/**
 * At most `rate` pictures a second, each in a frame of 4:3 with black bars where it is not. Chosen by time and not by
 * `fps=`, which with -copyts would repeat the first picture since 1970 (900 MB of it).
 */
export function pictureFilter(rate: number): string {
  return [
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(1 / rate - 0.01).toFixed(3)})'`,
    `scale=${FRAME_WIDTH}:${FRAME_HEIGHT}:force_original_aspect_ratio=decrease:flags=area`,
    `pad=${FRAME_WIDTH}:${FRAME_HEIGHT}:-1:-1`,
  ].join(',');
}

function framesOutput(rate: number): string[] {
  const filter = `${pictureFilter(rate)},setpts=PTS+${FRAMES_AHEAD}/TB`;
  return [
    ...['-map', '0:v:0', '-vf', filter, '-fps_mode', 'passthrough'],
    ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
  ];
}
