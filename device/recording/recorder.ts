import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CameraSource, MicrophoneDriver, VideoFrame } from '../../drivers/types.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Instant } from '../contacts/model.ts';
import { CaError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Health, Service } from '../service.ts';
import { Capture } from './capture.ts';
import { type Piece, planCut } from './cut-plan.ts';
import { Ring } from './ring.ts';
import { findTimelines, openClips, prepareFolder, wipe } from './ring-folder.ts';
import { slice } from './slicer.ts';
import { type Timeline, toMono, toSeconds } from './timeline.ts';
import { indexIfThere, type TsIndex } from './ts-index.ts';

export interface RecorderOptions {
  readonly desk: string;
  readonly capture: 'audio' | 'audio+video';
  readonly camera: CameraSource | null;
  readonly microphone: MicrophoneDriver | null;
  /** Folder in RAM; each desk has a folder of its own in it. */
  readonly ring: string;
  /** Milliseconds before the arrival and after the departure that belong to the clip. */
  readonly preRoll: number;
  readonly postRoll: number;
  /** How late (ms) `begin` may be called after the arrival: `arrival.confirm`. */
  readonly arrivalConfirm: number;
  /** RGB pictures a second for `onFrame`; null for none. */
  readonly frameRate: number | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A finished clip in RAM. It stays until `ClipVault.put` has taken it or the recorder stops. */
export interface Clip {
  readonly file: string;
  readonly mediaType: 'video/mp4' | 'audio/mp4';
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds of the clip before the arrival, as they truly are; 0 when it begins later. */
  readonly preRoll: number;
}

/** Beyond what a contact may ask for, kept in case: a segment is 2 s, and a camera's GOP may be longer. */
const SPARE = 6_000;
/** After the post-roll the clip waits this long (ms) for capture that hangs or starts again, then takes what there is. */
const PATIENCE = 8_000;
const POLL = 50;

/**
 * Records one desk: always into a ring in RAM, and out of it one clip per contact. Whoever calls `end` takes the clip
 * into the vault before `stop`, which leaves nothing.
 */
export class Recorder implements Service {
  readonly name: string;
  readonly #options: RecorderOptions;
  readonly #folder: string;
  readonly #ring: Ring;
  /** The arrivals of the contacts that have no clip yet. */
  readonly #open = new Map<string, Instant>();
  readonly #listeners: ((frame: VideoFrame) => void)[] = [];
  #capture: Capture | null = null;
  #sweeper: Timer | null = null;
  #clips: string | null = null;
  #clipFault: string | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.name = `recorder ${options.desk}`;
    this.#folder = join(options.ring, options.desk);
    this.#ring = new Ring(options.preRoll + options.arrivalConfirm + SPARE);
  }

  async start(_signal: AbortSignal): Promise<void> {
    const { desk, capture, camera, microphone, frameRate, clock, log } = this.#options;
    await prepareFolder(this.#folder, this.#clips);
    this.#capture = new Capture({
      camera: capture === 'audio' ? null : camera,
      microphone,
      frameRate,
      folder: this.#folder,
      clock,
      log,
      idle: () => !this.#ring.pinned,
      onSegment: (segment) => this.#ring.add(segment),
      onFrame: (frame) => {
        for (const listener of this.#listeners) listener(frame);
      },
    });
    this.#capture.start();
    this.#sweeper = clock.every('ring', 1_000, () => {
      this.#sweep().catch((err) => log.warn({ desk, err }, 'a segment could not be removed'));
    });
  }

  async stop(): Promise<void> {
    this.#sweeper?.cancel();
    // Never started: the folder may be anybody's.
    if (!this.#capture) return;
    await this.#capture.stop();
    this.#capture = null;
    this.#clips = null;
    await wipe(this.#folder, null);
  }

  health(): Health {
    const { capture, camera, microphone } = this.#options;
    const detail = {
      segments: this.#ring.segments,
      ringBytes: this.#ring.bytes,
      discardedBytes: this.#ring.discardedBytes,
      captureRuns: this.#capture?.runs ?? 0,
    };
    const reasons = [
      capture === 'audio+video' && !camera ? 'no camera in the config' : null,
      microphone ? null : 'no microphone in the config',
      faultOf(this.#capture),
      microphone && microphone.health().status !== 'ok' ? (microphone.health().reason ?? 'microphone') : null,
      this.#clipFault,
    ].filter((reason) => reason !== null);
    if (reasons.length === 0) return { status: 'ok', detail };
    return { status: 'degraded', reason: reasons.join('; '), detail };
  }

  onFrame(listener: (frame: VideoFrame) => void): void {
    this.#listeners.push(listener);
  }

  /** From now on the ring keeps what the contact's clip will need. */
  begin(contactId: string, startedAt: Instant): void {
    this.#open.set(contactId, startedAt);
    this.#ring.pin(contactId, startedAt.mono - this.#options.preRoll);
  }

  /**
   * The contact's clip, as soon as its post-roll has been captured; with `now`, out of what there is. Rejects with
   * CA_CLIP_NOT_COVERED or CA_CLIP_FAILED.
   */
  async end(contactId: string, endedAt: Instant, options: { now?: boolean } = {}): Promise<Clip> {
    try {
      const clip = await this.#clipOf(contactId, endedAt, options.now ?? false);
      this.#clipFault = null;
      return clip;
    } catch (error) {
      this.#clipFault = messageOf(error);
      throw error;
    } finally {
      this.#ring.unpin(contactId);
      this.#open.delete(contactId);
    }
  }

  /**
   * The clip of a contact that was open when the service was killed, out of what it left in RAM. To be called before
   * `start`, which wipes the rest.
   */
  async recover(contactId: string, startedAt: Instant, endedAt: Instant): Promise<Clip> {
    for (const { timeline, files } of await findTimelines(this.#folder)) {
      const until = endedAt.mono + this.#options.postRoll;
      const clip = await this.#cut(contactId, timeline, files, startedAt, until).catch((error) => {
        if (error instanceof CaError && error.code === 'CA_CLIP_NOT_COVERED') return null;
        throw error;
      });
      if (clip) return clip;
    }
    throw notCovered(contactId);
  }

  async #clipOf(contactId: string, endedAt: Instant, now: boolean): Promise<Clip> {
    const startedAt = this.#open.get(contactId);
    if (!startedAt) throw notCovered(contactId);
    const from = startedAt.mono - this.#options.preRoll;
    const until = endedAt.mono + this.#options.postRoll;
    if (!now) await this.#captured(until);
    const capture = this.#capture;
    if (!capture) throw notCovered(contactId);
    const finished = this.#ring.between(from, until + SPARE).map((segment) => segment.file);
    const files = capture.openSegment === null ? finished : [...finished, capture.openSegment];
    const clip = await this.#cut(contactId, capture.timeline, files, startedAt, until);
    // The silence that stands for a microphone that never spoke is not a recording.
    const silent = capture.heard === null || capture.heard < from;
    if (clip.mediaType === 'audio/mp4' && silent) throw notCovered(contactId);
    return clip;
  }

  async #cut(
    contactId: string,
    timeline: Timeline,
    files: readonly string[],
    startedAt: Instant,
    until: number,
  ): Promise<Clip> {
    const pieces: Piece[] = [];
    for (const file of files) {
      const index = await indexIfThere(file);
      if (index) pieces.push({ file, index });
    }
    const at = (mono: number) => toSeconds(timeline, mono);
    const plan = planCut(pieces, at(startedAt.mono - this.#options.preRoll), at(startedAt.mono), at(until));
    if (!plan) throw notCovered(contactId);
    this.#clips ??= await openClips(this.#folder);
    const file = join(this.#clips, `${contactId}.mp4`);
    const duration = await slice(plan, file);
    return {
      file,
      mediaType: plan.video ? 'video/mp4' : 'audio/mp4',
      duration,
      preRoll: Math.max(0, startedAt.mono - toMono(timeline, plan.from)),
    };
  }

  /** Resolves when everything up to monotonic `until` is in the ring, or will not come any more. */
  async #captured(until: number): Promise<void> {
    const { clock } = this.#options;
    const wait = until - clock.now().mono;
    if (wait > 0) await clock.sleep('post-roll', wait);
    while (this.#capture && clock.now().mono < until + PATIENCE) {
      if (this.#ring.between(until, Number.POSITIVE_INFINITY).length > 0) return;
      const open = this.#capture.openSegment;
      const index = open === null ? null : await indexIfThere(open);
      if (index && toMono(this.#capture.timeline, reach(index)) >= until) return;
      await clock.sleep('post-roll', POLL);
    }
  }

  async #sweep(): Promise<void> {
    for (const segment of this.#ring.expired(this.#options.clock.now().mono)) {
      await rm(segment.file, { force: true });
    }
  }
}

/** Up to where all that is captured has been captured. */
function reach(index: TsIndex): number {
  const tracks = [index.video, index.audio].filter((track) => track !== null);
  return Math.min(...tracks.map((track) => track.last));
}

function faultOf(capture: Capture | null): string | null {
  return capture?.fault ? `${capture.fault.message}. ${capture.fault.remedy}` : null;
}

function notCovered(contactId: string): CaError {
  return new CaError('CA_CLIP_NOT_COVERED', `nothing was captured of contact ${contactId}`);
}
