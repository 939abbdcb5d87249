import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import ffmpeg, { type FfmpegCommand, type Format } from 'fluent-ffmpeg';
import { CaError, messageOf } from '../errors.ts';
import { withoutCredentials } from '../log.ts';
import { FragmentReader, type Part } from './fragments.ts';
import type { TrackKind } from './ts-index.ts';
import { MPEGTS_SHIFT } from './ts-packet.ts';

/** What one ffmpeg is to make. */
export interface MuxPlan {
  readonly tracks: readonly TrackKind[];
  /** What becomes the clip's 0, in seconds of the ring's timeline; nothing that comes lies before. */
  readonly from: number;
  /** The number of its first fragment, from 1. */
  readonly fragment: number;
}

/** Takes the parts of a clip, one at a time: the next waits until this one is done with. */
export type PartTaker = (part: Part) => Promise<void>;

// A session of its own, as for each ffmpeg of ours: a Ctrl-C at the terminal must not end it before the clip is whole.
ffmpeg.setFfmpegPath('setsid');
/**
 * µs. The sound of a run waits for its camera, so its first segment may have that much of it before the first picture:
 * after 7 s ffmpeg would begin without knowing how large the pictures are, and make no clip at all.
 */
const FIRST_PICTURE = 15_000_000;
const INPUT = [
  ...['ffmpeg', '-hide_banner', '-loglevel', 'error', '-nostdin', '-copyts'],
  ...['-analyzeduration', String(FIRST_PICTURE), '-f', 'mpegts'],
];

/**
 * One ffmpeg that is given mpegts and gives fragmented MP4, both through pipes. When this process dies, its input ends
 * and so does it.
 */
export class MuxRun {
  readonly #input = new PassThrough();
  readonly #onPart: PartTaker;
  readonly #reader = new FragmentReader();
  /** Resolves when nothing more comes of it, for whatever reason. */
  readonly #ended: Promise<void>;
  #child: ChildProcess | null = null;
  #killed = false;
  #failure: unknown = null;
  #handing: Promise<void> = Promise.resolve();

  constructor(plan: MuxPlan, onPart: PartTaker) {
    this.#onPart = onPart;
    const output = new Writable({
      // fluent-ffmpeg takes a close for a fault and kills an ffmpeg that is not gone 20 ms later.
      emitClose: false,
      write: (bytes: Buffer, _encoding, done) => this.#take(bytes, done),
    });
    const command = ffmpeg(this.#input).inputOptions(INPUT).output(output).outputOptions(outputOptions(plan));
    withoutAsking(command);
    const handedOver = new Promise<void>((resolve) => output.on('finish', resolve));
    this.#ended = new Promise<void>((resolve) => {
      const fail = (failure: unknown) => {
        this.#failure ??= failure;
        resolve();
      };
      // First of both listeners: what ails the taker is why ffmpeg is killed then.
      output.on('error', fail);
      command.on('start', () => this.#started(command));
      command.on('error', (error, _stdout, stderr) => fail(clipFailed(error, stderr ?? '')));
      command.on('end', () => handedOver.then(resolve));
    });
    this.#ended.then(() => this.#input.destroy());
    command.run();
  }

  /** Resolves when there is room for more. Rejects with what `onPart` did, or with CA_CLIP_FAILED when ffmpeg is gone. */
  write(ts: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(this.#failure ?? clipFailed(new Error('ffmpeg has ended'), ''));
      // A write that waits for room is never called back when its stream is destroyed. Not by `#ended`, which would hold
      // what was written for as long as the clip lasts.
      this.#input.once('close', refuse);
      this.#input.write(ts, (error) => {
        this.#input.off('close', refuse);
        if (error) refuse();
        else resolve();
      });
    });
  }

  /** Resolves when ffmpeg has made all of what it was given, and `onPart` has had it; rejects as `write` does. */
  async end(): Promise<void> {
    this.#input.end();
    await this.#ended;
    if (this.#failure) throw this.#failure;
  }

  /** Ends ffmpeg at once. When it resolves the process is gone and `onPart` is not called any more. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#child?.kill('SIGKILL');
    await this.#ended;
    await this.#handing.catch(() => {});
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null)
      await once(child, 'exit');
  }

  #started(command: FfmpegCommand): void {
    // It has no public name.
    this.#child = (command as unknown as { ffmpegProc: ChildProcess }).ffmpegProc;
    if (this.#killed) this.#child.kill('SIGKILL');
  }

  #take(bytes: Buffer, done: (error?: Error | null) => void): void {
    try {
      const parts = this.#reader.push(bytes);
      // Most pieces complete nothing, and a promise for each is dear.
      if (parts.length === 0) return done();
      this.#handing = this.#handOver(parts);
      this.#handing.then(() => done(), done);
    } catch (error) {
      done(error as Error);
    }
  }

  async #handOver(parts: readonly Part[]): Promise<void> {
    for (const part of parts) if (!this.#killed) await this.#onPart(part);
  }
}

/** A track has the same number, and a moment the same stamp, in all runs of a clip. */
function outputOptions({ tracks, from, fragment }: MuxPlan): string[] {
  const video = tracks.includes('video');
  const audio = tracks.includes('audio');
  const ids = [...(video ? [1] : []), ...(audio ? [2] : [])];
  return [
    ...(video ? ['-map', '0:v:0'] : []),
    ...(audio ? ['-map', '0:a:0', '-bsf:a', 'aac_adtstoasc'] : []),
    ...['-c', 'copy', '-use_stream_ids_as_track_ids', '1'],
    ...ids.flatMap((id, stream) => ['-streamid', `${stream}:${id}`]),
    ...['-output_ts_offset', (-from - MPEGTS_SHIFT).toFixed(6), '-avoid_negative_ts', 'make_non_negative'],
    ...['-f', 'mp4', '-movflags', FLAGS.join('+'), '-fragment_index', String(fragment)],
    ...['-frag_duration', String(video ? LONGEST : SOUND_ALONE)],
  ];
}

/**
 * `delay_moov`: with `empty_moov` the moov is written before the first packet, and has no AAC configuration.
 * `frag_discont`: a track that begins later says so in its tfdt; otherwise its first sample would be stretched to the clip's
 * beginning, or moved by an edit list, which some players leave out.
 */
const FLAGS = ['frag_keyframe', 'delay_moov', 'frag_discont', 'default_base_moof', 'skip_trailer'];
/**
 * The longest fragment (µs) where pictures end it otherwise, at each key picture: these may be rare, and ffmpeg cannot
 * write a moof of more than 32 KB into a pipe (its size stays 0). But longer than a GOP and a gap of `clip-muxer.ts`.
 */
const LONGEST = 20_000_000;
/** Of sound alone (µs). */
const SOUND_ALONE = 1_000_000;

/** fluent-ffmpeg asks ffmpeg for all its formats and encoders before a process' first run: two processes, 0.15 s of CPU. */
function withoutAsking(command: FfmpegCommand): void {
  const can = (canDemux: boolean): Format => ({ description: '', canDemux, canMux: !canDemux });
  const none = null as unknown as Error;
  command.availableFormats = (told) => told(none, { mpegts: can(true), mp4: can(false) });
  command.availableEncoders = (told) => told(none, {});
}

function clipFailed(cause: unknown, stderr: string): CaError {
  const words = [messageOf(cause).split('\n')[0] ?? '', stderr.trim().split('\n').slice(-3).join('; ')];
  const why = withoutCredentials(words.filter((word) => word !== '').join(': ')).slice(0, 300);
  return new CaError('CA_CLIP_FAILED', `the clip could not be made: ${why}`, { cause });
}
