import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CameraSource, Lamp, MicrophoneDriver, VideoFrame } from '../../drivers/types.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Instant } from '../contacts/model.ts';
import { CaError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Health, Service } from '../service.ts';
import { Capture } from './capture.ts';
import type { BuiltClip } from './clip-builder.ts';
import {
  buildWhole,
  bytesOf,
  ContactRecording,
  merged,
  notCovered,
  type Source,
  type Wanted,
} from './contact-recording.ts';
import type { DeviceKey } from './device-key.ts';
import { LampGuard } from './lamp-guard.ts';
import { type FinishedClip, finished } from './manifest.ts';
import { Ring, type Segment } from './ring.ts';
import { findTimelines, prepareFolder, wipe } from './ring-folder.ts';
import type { Spool } from './spool.ts';
import { type Timeline, toMono } from './timeline.ts';
import { indexIfThere, type TsIndex } from './ts-index.ts';
import type { ClipVault } from './vault.ts';

export interface RecorderOptions {
  readonly desk: string;
  readonly capture: 'audio' | 'audio+video';
  readonly camera: CameraSource | null;
  readonly microphone: MicrophoneDriver | null;
  /** Folder in RAM; each desk has a folder of its own in it. */
  readonly ring: string;
  /** True when the config says in words that `ring` may lie on a disk. */
  readonly ringOnDisk: boolean;
  /** Milliseconds before the arrival and after the departure that belong to the clip. */
  readonly preRoll: number;
  readonly postRoll: number;
  /** How late (ms) `begin` may be called after the arrival: `arrival.confirm`. */
  readonly arrivalConfirm: number;
  /** How late (ms) `end` may be called after the departure: the longer of `departure.confirm` and `sensor.lost`. */
  readonly lag: number;
  /** RGB pictures a second for `onFrame`; null for none. */
  readonly frameRate: number | null;
  readonly vault: ClipVault;
  readonly spool: Spool;
  /** Called when the disk is too full for a clip of so many bytes; resolves true when there is more room now. */
  readonly makeRoom: (bytes: number) => Promise<boolean>;
  /** What both are encrypted with. */
  readonly key: () => DeviceKey;
  /** Lit while pictures or sound arrive; without its light nothing is captured. null: there is none. */
  readonly lamp: Lamp | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Why nothing is captured for a while. */
export type Hold = 'veto' | 'pause' | 'lamp';

/** Beyond what a contact may ask for, kept in case: a segment is 2 s, and a camera's GOP may be longer. */
const SPARE = 6_000;
/** After the post-roll the clip waits this long (ms) for capture that hangs or starts again, then takes what there is. */
const PATIENCE = 8_000;
const POLL = 50;
/** A disk that refuses a clip is asked again after this long (ms). */
const RETRY = 5_000;

/** Records one desk: always into a ring in RAM, and out of it one clip per contact into the vault. */
export class Recorder implements Service {
  readonly name: string;
  readonly #options: RecorderOptions;
  readonly #folder: string;
  readonly #ring: Ring;
  /** The contacts that have no clip yet. */
  readonly #open = new Map<string, ContactRecording>();
  /** Those of them whose end is known. */
  readonly #closing = new Map<string, Promise<FinishedClip>>();
  readonly #watchers: ((frame: VideoFrame) => void)[] = [];
  readonly #hearers: ((pcm: Buffer) => void)[] = [];
  readonly #holds = new Set<Hold>();
  readonly #lamp: LampGuard | null;
  readonly #ending = new AbortController();
  #capture: Capture | null = null;
  #sweeper: Timer | null = null;
  #clipFault: string | null = null;

  constructor(options: RecorderOptions) {
    const { desk, ring, preRoll, arrivalConfirm, lamp, clock, log } = options;
    this.#options = options;
    this.name = `recorder ${desk}`;
    this.#folder = join(ring, desk);
    this.#ring = new Ring(preRoll + arrivalConfirm + SPARE);
    this.#lamp =
      lamp &&
      new LampGuard({
        lamp,
        clock,
        log,
        live: () => this.live,
        dark: () => void this.hold('lamp'),
        lit: () => this.release('lamp'),
      });
  }

  async start(_signal: AbortSignal): Promise<void> {
    const { capture, camera, microphone, frameRate, ringOnDisk, clock, log } = this.#options;
    await prepareFolder(this.#folder, ringOnDisk);
    this.#capture = new Capture({
      camera: capture === 'audio' ? null : camera,
      microphone,
      frameRate,
      folder: this.#folder,
      clock,
      log,
      idle: () => !this.#ring.pinned,
      onSegment: (segment) => this.#take(segment),
      onFrame: (frame) => {
        for (const see of this.#watchers) see(frame);
      },
      onSound: (pcm) => {
        for (const hear of this.#hearers) hear(pcm);
      },
    });
    if (this.#lamp) await this.hold('lamp');
    if (this.#holds.size > 0) void this.#capture.hold();
    this.#capture.start();
    this.#lamp?.start();
    this.#sweeper = clock.every('ring', 1_000, () => void this.#sweep());
  }

  /** Leaves nothing in RAM. Contacts that have no clip yet stay in the spool, for `recover`. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#sweeper?.cancel();
    // Never started: the folder may be anybody's.
    if (!this.#capture) return;
    await this.#capture.stop();
    await this.#lamp?.stop();
    for (const recording of this.#open.values()) await recording.leave().catch((err) => this.#warn(err));
    this.#open.clear();
    this.#capture = null;
    await wipe(this.#folder);
  }

  /** True while pictures or samples arrive. */
  get live(): boolean {
    return this.#capture?.live ?? false;
  }

  health(): Health {
    const { capture, camera, microphone } = this.#options;
    const detail = {
      segments: this.#ring.segments,
      ringBytes: this.#ring.bytes,
      ringDiscardedBytes: this.#ring.discardedBytes,
      captureRuns: this.#capture?.runs ?? 0,
      live: this.live,
      held: [...this.#holds].join(' '),
      ...(this.#lamp ? { lamp: this.#lamp.state } : {}),
    };
    const captures = this.#holds.size === 0;
    const reasons = [
      capture === 'audio+video' && !camera ? 'no camera in the config' : null,
      microphone ? null : 'no microphone in the config',
      captures ? faultOf(this.#capture) : null,
      captures && microphone && microphone.health().status !== 'ok'
        ? (microphone.health().reason ?? 'microphone')
        : null,
      this.#lamp?.fault ?? null,
      this.#clipFault,
      ...[...this.#open.values()].map(({ fault }) => fault),
    ].filter((reason) => reason !== null);
    if (reasons.length === 0) return { status: 'ok', detail };
    return { status: 'degraded', reason: reasons.join('; '), detail };
  }

  onFrame(listener: (frame: VideoFrame) => void): void {
    this.#watchers.push(listener);
  }

  /** S16LE at 16 kHz, all channels of the microphone, as it comes. */
  onSound(listener: (pcm: Buffer) => void): void {
    this.#hearers.push(listener);
  }

  /** From now on the ring and the spool keep what the contact's clip will need. */
  begin(contactId: string, startedAt: Instant): void {
    const capture = this.#capture;
    if (!capture) return;
    // What a veto, or the pause before, has taken away does not come back as the next contact's pre-roll.
    const from = Math.max(startedAt.mono - this.#options.preRoll, this.#ring.barrier);
    const since = Math.max(from - SPARE, this.#ring.barrier);
    const wanted = { contactId, startedAt, from, since };
    const recording = new ContactRecording(wanted, capture.timeline, this.#options);
    this.#open.set(contactId, recording);
    this.#ring.pin(contactId, from);
    for (const segment of this.#ring.between(since, Number.POSITIVE_INFINITY)) recording.take(segment);
  }

  /**
   * The contact's clip, in the vault, as soon as its post-roll has been captured; with `now`, out of what there is.
   * Its segments stay in the spool until `stored`. Rejects with CA_CLIP_NOT_COVERED, CA_CLIP_FAILED, or, after
   * `giveUp` only, CA_VAULT_UNWRITABLE: while the disk refuses the clip, it is tried again.
   */
  async end(contactId: string, endedAt: Instant, options: { now?: boolean } = {}): Promise<FinishedClip> {
    const recording = this.#open.get(contactId);
    if (!recording) throw notCovered(contactId);
    const closing = this.#close(recording, endedAt.mono + this.#options.postRoll, options.now ?? false);
    this.#closing.set(contactId, closing);
    try {
      const clip = await closing;
      this.#clipFault = null;
      return clip;
    } catch (error) {
      // No fault where it was discarded.
      this.#clipFault = this.#open.has(contactId) ? messageOf(error) : null;
      throw error;
    } finally {
      this.#closing.delete(contactId);
      this.#open.delete(contactId);
      this.#ring.unpin(contactId);
      await recording.leave().catch((err) => this.#warn(err));
    }
  }

  /** What became of a contact's clip is written down: its segments need not be kept for `recover`. */
  async stored(contactId: string): Promise<void> {
    await this.#options.spool.destroy(contactId);
  }

  /** The service ends: a clip that the disk refuses is not tried again. */
  giveUp(): void {
    this.#ending.abort();
  }

  /**
   * The clip of a contact that was open when the service was killed, out of the spool and what is left in RAM. `endedAt`:
   * monotonic ms of the contact's boot; `ring`: false when it was another one, for then what is in RAM is not of it. To be
   * called before `start`, which wipes the ring.
   */
  async recover(
    contactId: string,
    startedAt: Instant,
    endedAt: number,
    { ring }: { ring: boolean } = { ring: true },
  ): Promise<FinishedClip> {
    const { spool, vault, preRoll, postRoll } = this.#options;
    const until = endedAt + postRoll;
    const wanted = { contactId, startedAt, from: startedAt.mono - preRoll, since: Number.NEGATIVE_INFINITY };
    for (const { timeline, files } of await this.#timelines(contactId, ring)) {
      const sources = () => merged(spooled(spool, contactId, timeline), fromFiles(files));
      const built = await buildWhole(wanted, timeline, until, sources, vault).catch((error) => {
        if (error instanceof CaError && error.code === 'CA_CLIP_NOT_COVERED') return null;
        throw error;
      });
      if (!built) continue;
      return this.#finished(wanted, timeline, until, built, { recovered: true });
    }
    throw notCovered(contactId);
  }

  /** Destroys what there is of a contact, finished or not: in RAM, in the spool, in the vault. */
  async discard(contactId: string): Promise<void> {
    const recording = this.#open.get(contactId);
    this.#open.delete(contactId);
    this.#ring.unpin(contactId);
    // What it cannot take back of the vault is destroyed below.
    await recording?.leave().catch((err) => this.#warn(err));
    await this.#sweep();
    const { spool, vault } = this.#options;
    const closed = Promise.resolve(this.#closing.get(contactId)).catch(() => {});
    // Each is tried, whatever becomes of the other.
    const destroyed = [spool.destroy(contactId), closed.then(() => vault.destroyOf(contactId))];
    await Promise.allSettled(destroyed);
    await Promise.all(destroyed);
  }

  /** Nothing is captured from now on, for this reason. A veto also takes away what is in RAM. */
  async hold(why: Hold): Promise<void> {
    this.#holds.add(why);
    await this.#capture?.hold();
    if (why === 'lamp') return;
    this.#ring.bar(this.#options.clock.now().mono);
    await this.#sweep();
  }

  /** The reason has gone; capture goes on when no other stands. */
  release(why: Hold): void {
    this.#holds.delete(why);
    if (this.#holds.size === 0) this.#capture?.release();
  }

  #take(segment: Segment): void {
    this.#ring.add(segment);
    for (const recording of this.#open.values()) recording.take(segment);
  }

  async #close(recording: ContactRecording, until: number, now: boolean): Promise<FinishedClip> {
    this.#ring.pin(recording.wanted.contactId, recording.wanted.from, until);
    const { wanted } = recording;
    const unwanted = () => this.#open.get(wanted.contactId) !== recording;
    if (!now) await this.#captured(until, unwanted);
    const capture = this.#capture;
    if (!capture || unwanted()) throw notCovered(wanted.contactId);
    const open = capture.openSegment === null ? [] : [capture.openSegment];
    const files = () => [...this.#ring.between(wanted.since, until + SPARE).map(({ file }) => file), ...open];
    for (;;) {
      try {
        const built = await recording.finish(until, open, () => fromFiles(files()));
        // The silence that stands for a microphone that never spoke is not a recording.
        const silent = capture.heard === null || capture.heard < wanted.from;
        if (built.mediaType === 'audio/mp4' && silent) {
          await this.#options.vault.destroy(built.file);
          throw notCovered(wanted.contactId);
        }
        return this.#finished(wanted, capture.timeline, until, built, { recovered: false });
      } catch (error) {
        const again = error instanceof CaError && error.code === 'CA_VAULT_UNWRITABLE';
        if (!again || now || this.#ending.signal.aborted || unwanted()) throw error;
        this.#clipFault = `${error.message}. ${error.remedy}`;
        if (isFull(error) && (await this.#options.makeRoom(recording.bytes))) continue;
        await this.#options.clock.sleep('disk', RETRY, this.#ending.signal).catch(() => {});
      }
    }
  }

  #finished(
    wanted: Wanted,
    timeline: Timeline,
    until: number,
    built: BuiltClip,
    { recovered }: { recovered: boolean },
  ): FinishedClip {
    const silences = this.#capture?.silences ?? [];
    const { postRoll, key } = this.#options;
    return finished({ wanted, timeline, until, built, silences, recovered, postRoll, keyId: key().id });
  }

  /** Where a contact of the process before may have been recorded: what the ring still has, and what is in the spool alone. */
  async #timelines(contactId: string, ring: boolean): Promise<{ timeline: Timeline; files: string[] }[]> {
    const found = ring ? await findTimelines(this.#folder) : [];
    for await (const { zero } of this.#options.spool.read(contactId)) {
      if (!found.some(({ timeline }) => timeline.zero === zero))
        found.push({ timeline: { zero }, files: [] });
      break;
    }
    return found;
  }

  /** Resolves when everything up to monotonic `until` is in the ring, or will not come any more. */
  async #captured(until: number, unwanted: () => boolean): Promise<void> {
    const { clock, microphone } = this.#options;
    const wait = until - clock.now().mono;
    if (wait > 0) await clock.sleep('post-roll', wait);
    while (this.#capture && this.#holds.size === 0 && !unwanted() && clock.now().mono < until + PATIENCE) {
      if (this.#ring.between(until, Number.POSITIVE_INFINITY).length > 0) return;
      const open = this.#capture.openSegment;
      const index = open === null ? null : await indexIfThere(open);
      if (index && toMono(this.#capture.timeline, reach(index, microphone !== null)) >= until) return;
      await clock.sleep('post-roll', POLL);
    }
  }

  async #sweep(): Promise<void> {
    const now = this.#options.clock.now().mono;
    for (const [contactId, recording] of this.#open) {
      if (this.#closing.has(contactId)) continue;
      recording.goOn(now - this.#options.lag);
      this.#ring.pin(contactId, Math.min(recording.needs, now));
    }
    for (const segment of this.#ring.expired(now))
      await rm(segment.file, { force: true }).catch((err) => this.#warn(err));
  }

  #warn(err: unknown): void {
    this.#options.log.warn({ desk: this.#options.desk, err }, 'something recorded could not be removed');
  }
}

async function* fromFiles(files: readonly string[]): AsyncGenerator<Source> {
  for (const file of files) {
    const bytes = await bytesOf(file);
    if (bytes) yield { name: basename(file), bytes };
  }
}

async function* spooled(spool: Spool, contactId: string, timeline: Timeline): AsyncGenerator<Source> {
  for await (const segment of spool.read(contactId)) if (segment.zero === timeline.zero) yield segment;
}

function isFull({ cause }: CaError): boolean {
  return (cause as { code?: unknown } | undefined)?.code === 'ENOSPC';
}

/** Up to where all that is captured has been captured. A run that begins writes its first picture before the sound that waits. */
function reach({ video, audio }: TsIndex, sound: boolean): number {
  if (audio === null && (sound || video === null)) return Number.NEGATIVE_INFINITY;
  return Math.min(...[video, audio].filter((track) => track !== null).map((track) => track.last));
}

function faultOf(capture: Capture | null): string | null {
  return capture?.fault ? `${capture.fault.message}. ${capture.fault.remedy}` : null;
}
