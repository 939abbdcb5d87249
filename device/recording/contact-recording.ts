import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Instant } from '../contacts/model.ts';
import { CaError, messageOf } from '../errors.ts';
import { type BuiltClip, ClipBuilder } from './clip-builder.ts';
import { planCut, SPREAD } from './cut-plan.ts';
import type { Segment } from './ring.ts';
import type { Spool, SpoolFile } from './spool.ts';
import { type Timeline, toSeconds } from './timeline.ts';
import { indexOf, type TsIndex } from './ts-index.ts';
import { TsTrimmer } from './ts-trim.ts';
import type { ClipVault } from './vault.ts';

/** Which stretch of time a clip is to hold: monotonic ms. */
export interface Wanted {
  readonly contactId: string;
  readonly startedAt: Instant;
  /** Arrival less the pre-roll. */
  readonly from: number;
  /** No segment that ends before is looked at: a veto or a pause has taken it away. */
  readonly since: number;
}

/** A segment by name, wherever it lies. */
export interface Source {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Segments in the order of capture; called again, from the beginning. */
export type Sources = () => AsyncIterable<Source>;

/**
 * The recording of one contact while it lasts. Each finished segment goes to the spool at once; the clip is made of
 * them beside it, as far behind as the end of a contact can be known late. So little is left to do at the end, and what
 * is on the disk is enough when there is no end.
 */
export class ContactRecording {
  readonly wanted: Wanted;
  readonly #timeline: Timeline;
  readonly #spool: Spool;
  readonly #vault: ClipVault;
  readonly #indexes: TsIndex[] = [];
  #planned = false;
  #unspooled: Segment[] = [];
  #unfed: Segment[] = [];
  #spoolFile: SpoolFile | null = null;
  #spoolTrimmer: TsTrimmer | null = null;
  #trimmed: Source | null = null;
  #builder: ClipBuilder | null = null;
  #fedUntil = Number.NEGATIVE_INFINITY;
  #over = false;
  #fault: string | null = null;
  /** Why the clip is not being made beside the contact. */
  #unbuilt: string | null = null;
  #bytes = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(wanted: Wanted, timeline: Timeline, parts: { spool: Spool; vault: ClipVault }) {
    this.wanted = wanted;
    this.#timeline = timeline;
    this.#spool = parts.spool;
    this.#vault = parts.vault;
  }

  /** What keeps the recording from the disk; null: nothing. */
  get fault(): string | null {
    return this.#fault ?? this.#unbuilt;
  }

  /** About how large its clip becomes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From which moment on (monotonic ms) segments are still needed in RAM; Infinity: none of those so far. */
  get needs(): number {
    const building = this.#builder !== null || !this.#planned;
    const first = [this.#unspooled[0], building ? this.#unfed[0] : undefined];
    return Math.min(...first.map((segment) => segment?.start ?? Number.POSITIVE_INFINITY));
  }

  /** A finished segment. */
  take(segment: Segment): void {
    if (this.#over || segment.end < this.wanted.from - SPREAD * 1000) return;
    this.#bytes += segment.bytes;
    this.#unspooled.push(segment);
    this.#unfed.push(segment);
    this.#next(async () => {
      if (!this.#planned) await this.#plan();
      await this.#spoolAll();
    });
  }

  /** The contact was still open at monotonic `until`: what lies before goes into the clip. */
  goOn(until: number): void {
    if (!this.#over && this.#builder && (this.#unfed[0]?.end ?? until) < until)
      this.#next(() => this.#feedAll(until));
  }

  /**
   * The clip, up to monotonic `until`. `open`: the segments that are not finished. Rejects with CA_CLIP_NOT_COVERED,
   * CA_CLIP_FAILED or CA_VAULT_UNWRITABLE; after the last it may be called again.
   */
  async finish(until: number, open: readonly string[], others: Sources): Promise<BuiltClip> {
    this.#over = true;
    await this.#work;
    const builder = this.#builder;
    this.#builder = null;
    if (builder) {
      try {
        // The end may be told later than it ever should, when this process has stood still.
        if (this.#fedUntil > until) throw new Error('the clip went on beyond its end');
        return await this.#finish(builder, until, open);
      } catch (error) {
        // Made again from the beginning: the spool and the ring have everything.
        this.#fault = messageOf(error);
        await builder.abandon().catch(() => {});
      }
    }
    const sources = () => merged(this.#spool.read(this.wanted.contactId), others());
    return buildWhole(this.wanted, this.#timeline, until, sources, this.#vault);
  }

  /** Lets go of it. What is in the spool stays there; of the clip, nothing that is half done. */
  async leave(): Promise<void> {
    this.#over = true;
    await this.#work;
    await this.#builder?.abandon();
    this.#builder = null;
    await this.#closeSpool();
  }

  #next(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => {
      this.#fault = messageOf(error);
    });
  }

  /** The beginning can be told when something after it has been captured. */
  async #plan(): Promise<void> {
    for (const { file } of this.#unfed.slice(this.#indexes.length))
      this.#indexes.push(indexOf(await readFile(file)));
    const from = toSeconds(this.#timeline, this.wanted.from);
    const plan = planCut(this.#indexes, from, from, Number.POSITIVE_INFINITY);
    if (!plan) return;
    this.#planned = true;
    this.#spoolTrimmer = new TsTrimmer({ from: plan.from, to: Number.POSITIVE_INFINITY });
    this.#builder = await ClipBuilder.begin(this.wanted.contactId, plan, this.#vault).catch((error) =>
      this.#giveUp(error),
    );
  }

  /** Where the disk refuses it the clip is made at the end. */
  #giveUp(error: unknown): null {
    this.#unbuilt = messageOf(error);
    return null;
  }

  async #spoolAll(): Promise<void> {
    const trimmer = this.#spoolTrimmer;
    if (!trimmer || this.#over) return;
    this.#spoolFile ??= await this.#spool.begin(this.wanted.contactId);
    for (let next = this.#unspooled[0]; next; next = this.#unspooled[0]) {
      // What comes before the clip is not written to a disk, not even for a while.
      if (!this.#trimmed) {
        // Where the disk has refused for long, the ring has let go of it.
        const bytes = (await bytesOf(next.file)) ?? Buffer.alloc(0);
        this.#trimmed = { name: basename(next.file), bytes: trimmer.push(bytes) };
      }
      await this.#spoolFile.append({ zero: this.#timeline.zero, ...this.#trimmed });
      this.#trimmed = null;
      this.#unspooled.shift();
    }
    this.#fault = null;
  }

  async #feedAll(until: number): Promise<void> {
    try {
      for (let next = this.#unfed[0]; next && next.end < until; next = this.#unfed[0]) {
        const bytes = await readFile(next.file);
        this.#fedUntil = next.end;
        await this.#builder?.feed(bytes, indexOf(bytes));
        this.#unfed.shift();
      }
    } catch (error) {
      const failed = this.#builder;
      this.#builder = this.#giveUp(error);
      await failed?.abandon();
    }
  }

  async #finish(builder: ClipBuilder, until: number, open: readonly string[]): Promise<BuiltClip> {
    const to = toSeconds(this.#timeline, until);
    builder.endAt(to);
    for (const file of [...this.#unfed.map((segment) => segment.file), ...open]) {
      // Of a segment that is open there may be nothing yet.
      const bytes = open.includes(file) ? await bytesOf(file) : await readFile(file);
      if (!bytes) continue;
      const index = indexOf(bytes);
      if (firstOf(index) <= to) await builder.feed(bytes, index);
    }
    return builder.finish(this.wanted.startedAt);
  }

  async #closeSpool(): Promise<void> {
    await this.#spoolFile?.close().catch(() => {});
    this.#spoolFile = null;
  }
}

/** A clip out of segments that are all there. Rejects with CA_CLIP_NOT_COVERED, CA_CLIP_FAILED or CA_VAULT_UNWRITABLE. */
export async function buildWhole(
  wanted: Wanted,
  timeline: Timeline,
  until: number,
  sources: Sources,
  vault: ClipVault,
): Promise<BuiltClip> {
  const [from, needed, to] = [wanted.from, wanted.startedAt.mono, until].map((mono) =>
    toSeconds(timeline, mono),
  ) as [number, number, number];
  const indexes: TsIndex[] = [];
  for await (const { bytes } of sources()) indexes.push(indexOf(bytes));
  const plan = planCut(indexes, from, needed, to);
  if (!plan) throw notCovered(wanted.contactId);
  const builder = await ClipBuilder.begin(wanted.contactId, plan, vault);
  try {
    let ending = false;
    for await (const { bytes } of sources()) {
      const index = indexOf(bytes);
      if (lastOf(index) < plan.from - SPREAD || firstOf(index) > to) continue;
      // The distance of two pictures is known by the segments before.
      ending ||= lastOf(index) >= to - SPREAD;
      if (ending) builder.endAt(to);
      await builder.feed(bytes, index);
    }
    return await builder.finish(wanted.startedAt);
  } catch (error) {
    await builder.abandon().catch(() => {});
    throw error;
  }
}

/** The first, and what the second has beyond it, by their names, which order as the capture went. */
export async function* merged(
  first: AsyncIterable<Source>,
  second: AsyncIterable<Source>,
): AsyncGenerator<Source> {
  let last = '';
  for await (const source of first) {
    last = source.name;
    yield source;
  }
  for await (const source of second) {
    // A segment that was open has been finished since: then it is named twice.
    if (source.name <= last) continue;
    last = source.name;
    yield source;
  }
}

/** A segment of the ring; null when it has been swept since it was named, or is not there yet. */
export async function bytesOf(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

export function notCovered(contactId: string): CaError {
  return new CaError('CA_CLIP_NOT_COVERED', `nothing was captured of contact ${contactId}`);
}

const firstOf = ({ video, audio }: TsIndex) =>
  Math.min(video?.first ?? Number.POSITIVE_INFINITY, audio?.first ?? Number.POSITIVE_INFINITY);

const lastOf = ({ video, audio }: TsIndex) =>
  Math.max(video?.last ?? Number.NEGATIVE_INFINITY, audio?.last ?? Number.NEGATIVE_INFINITY);
