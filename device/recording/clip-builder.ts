import { SAMPLE_RATE } from '../../drivers/types.ts';
import type { Instant } from '../contacts/model.ts';
import { CaError } from '../errors.ts';
import { headOf } from './clip-head.ts';
import { type Muxer, startMuxer } from './clip-muxer.ts';
import { Coverage } from './coverage.ts';
import type { CutPlan } from './cut-plan.ts';
import type { Fragment } from './fragments.ts';
import { CHUNK } from './sealed-file.ts';
import type { TsIndex } from './ts-index.ts';
import { TsTrimmer } from './ts-trim.ts';
import type { ClipVault, IncomingClip, StoredClip } from './vault.ts';

/** One packet of sound (s). */
const AAC_FRAME = 1024 / SAMPLE_RATE;

/** A clip that is in the vault, and what of it there is: seconds of the timeline. */
export interface BuiltClip extends StoredClip {
  readonly mediaType: 'video/mp4' | 'audio/mp4';
  readonly from: number;
  /** When nothing is seen and heard any more. */
  readonly to: number;
  /** When its last picture begins or its sound ends, whichever is later. */
  readonly last: number;
  readonly coverage: Coverage;
}

/**
 * Makes one clip out of the segments it is fed, in order, and writes it into the vault as it grows. Segments are copied,
 * never encoded again. Calls must not overlap.
 */
export class ClipBuilder {
  readonly #from: number;
  readonly #trimmer: TsTrimmer;
  readonly #muxer: Muxer;
  readonly #incoming: IncomingClip;
  readonly #coverage: Coverage;
  readonly #fragments: Fragment[] = [];
  #init: Buffer | null = null;
  #to: number | null = null;

  /** Rejects with CA_VAULT_UNWRITABLE and as the vault's key throws. */
  static async begin(contactId: string, plan: CutPlan, vault: ClipVault): Promise<ClipBuilder> {
    return new ClipBuilder(plan.from, await vault.begin(contactId));
  }

  private constructor(from: number, incoming: IncomingClip) {
    this.#from = from;
    this.#incoming = incoming;
    this.#coverage = new Coverage(from);
    this.#trimmer = new TsTrimmer({ from, to: Number.POSITIVE_INFINITY });
    this.#muxer = startMuxer({ from }, async (part) => {
      if (part.kind === 'init') {
        this.#init = part.bytes;
        return;
      }
      for (const piece of part.pieces) await incoming.write(piece);
      this.#fragments.push({ size: part.size, tracks: part.tracks });
    });
  }

  /** The next segment, all of it before the end of the clip. Rejects with CA_CLIP_FAILED, CA_VAULT_UNWRITABLE. */
  async feed(bytes: Buffer, index: TsIndex): Promise<void> {
    this.#coverage.add(index);
    const to = this.#to;
    if (to !== null) this.#trimmer.setEnd(to + this.#coverage.interval / 2, to - AAC_FRAME / 2);
    const kept = this.#trimmer.push(bytes);
    if (kept.length > 0) await this.#muxer.write(kept);
  }

  /**
   * What is fed from now on may go beyond `to`, seconds of the timeline; the clip may not. Its last picture is the one
   * that begins nearest to it, and its sound the one that ends nearest: none does so exactly there.
   */
  endAt(to: number): void {
    this.#to = to;
  }

  /** The finished clip, in the vault. */
  async finish(startedAt: Instant): Promise<BuiltClip> {
    await this.#muxer.end();
    if (!this.#init || this.#fragments.length === 0) throw new CaError('CA_CLIP_FAILED', 'the clip is empty');
    const coverage = this.#coverage;
    const mediaType = coverage.tracks.includes('video') ? 'video/mp4' : 'audio/mp4';
    const head = headOf(this.#init, this.#fragments, CHUNK);
    const stored = await this.#incoming.finish(head, startedAt, mediaType);
    const { picture, sound } = this.#trimmer.last;
    const soundEnd = sound === null ? this.#from : sound + AAC_FRAME;
    const last = Math.max(picture ?? this.#from, soundEnd);
    const to = Math.max((picture ?? this.#from) + coverage.interval, soundEnd);
    return { ...stored, mediaType, from: this.#from, to, last, coverage };
  }

  /** Nothing stays of it. */
  async abandon(): Promise<void> {
    await this.#muxer.kill();
    await this.#incoming.discard();
  }
}
