import { CaError } from '../errors.ts';
import type { Fragment } from './fragments.ts';
import { box, boxesIn, find, versionOf } from './mp4-boxes.ts';
import { type Track, tracksOf } from './mp4-tracks.ts';

/** Bytes of a `sidx` of version 1 without references, and of one reference (8.16.3.2). */
const SIDX = 40;
const REFERENCE = 12;
/** Bytes of a `free` box with nothing in it (8.1.2). */
const FREE = 8;
/** Starts with a stream access point, of which type is not said. */
const STARTS_WITH_SAP = 0x8000_0000;

/**
 * What stands before a clip's fragments, exactly `size` bytes of it, when all of them are known: `init` with the clip's
 * duration, an index of the fragments for each track (`sidx`, ISO/IEC 14496-12, 8.16.3), and `free` space. With the index a
 * player knows the duration and where to seek at once; without, it reads through the whole file first. Where there is no room
 * for a reference to each fragment, it refers to several at once. Raises CA_CLIP_FAILED when `size` is too small for any.
 */
export function headOf(init: Buffer, fragments: readonly Fragment[], size: number): Buffer {
  const moov = find(init, ['moov']) ?? init;
  const tracks = tracksOf(moov).filter(({ id }) => fragments.some((one) => trackIn(one, id)));
  const opening = withDuration(init, secondsOf(tracks, fragments));
  const room = size - opening.length - tracks.length * SIDX - FREE;
  const most = Math.floor(room / REFERENCE / tracks.length);
  if (!(most > 0)) throw new CaError('CA_CLIP_FAILED', `the clip's index has no room in ${size} bytes`);

  const references = tracks.map(({ id }) => thinned(referencesTo(fragments, id), most));
  const sizes = references.map(({ length }) => SIDX + length * REFERENCE);
  const indexes = tracks.map((track, n) => {
    const after = sizes.slice(n + 1).reduce((sum, one) => sum + one, 0);
    return sidx(track, references[n] ?? [], after);
  });
  // Chromium reads through the whole file when there is anything between the index and the first fragment.
  const used = sizes.reduce((sum, one) => sum + one, opening.length + FREE);
  return Buffer.concat([opening, box('free', Buffer.alloc(size - used)), ...indexes]);
}

/** Where a track can be entered. Times in units of the track's timescale. */
interface Reference {
  /** Bytes from the first fragment to this place. */
  readonly at: number;
  readonly size: number;
  readonly start: number;
  readonly end: number;
}

function referencesTo(fragments: readonly Fragment[], id: number): Reference[] {
  const found: Reference[] = [];
  let at = 0;
  for (const fragment of fragments) {
    const track = trackIn(fragment, id);
    const last = found.at(-1);
    const end = track ? track.start + track.duration : 0;
    // A fragment without this track, or in which it cannot be entered, goes with the one before.
    if (track && (track.key || !last)) found.push({ at, size: fragment.size, start: track.start, end });
    else if (last) found.splice(-1, 1, joined(last, { ...last, size: fragment.size, end }));
    at += fragment.size;
  }
  return found;
}

/** At most `most` of them, of as many fragments each. */
function thinned(references: readonly Reference[], most: number): Reference[] {
  const each = Math.ceil(references.length / most);
  return references.reduce<Reference[]>((kept, next, n) => {
    const last = kept.at(-1);
    if (last && n % each > 0) kept.splice(-1, 1, joined(last, next));
    else kept.push(next);
    return kept;
  }, []);
}

function joined(first: Reference, second: Reference): Reference {
  return { ...first, size: first.size + second.size, end: Math.max(first.end, second.end) };
}

/** `after`: bytes from the end of this box to the first fragment. */
function sidx(track: Track, references: readonly Reference[], after: number): Buffer {
  const body = Buffer.alloc(SIDX - 8 + references.length * REFERENCE);
  const [first] = references;
  body.writeUInt8(1, 0);
  body.writeUInt32BE(track.id, 4);
  body.writeUInt32BE(track.timescale, 8);
  body.writeBigUInt64BE(BigInt(Math.max(0, first?.start ?? 0)), 12);
  body.writeBigUInt64BE(BigInt(after + (first?.at ?? 0)), 20);
  body.writeUInt16BE(references.length, 30);
  references.forEach(({ size, start, end }, n) => {
    const at = 32 + n * REFERENCE;
    body.writeUInt32BE(size, at);
    body.writeUInt32BE(Math.max(0, (references[n + 1]?.start ?? end) - start), at + 4);
    body.writeUInt32BE(STARTS_WITH_SAP, at + 8);
  });
  return box('sidx', body);
}

function secondsOf(tracks: readonly Track[], fragments: readonly Fragment[]): number {
  const ends = tracks.map(({ id, timescale }) => {
    const own = fragments.map((fragment) => trackIn(fragment, id)).filter((track) => track !== undefined);
    return own.reduce((end, { start, duration }) => Math.max(end, start + duration), 0) / timescale;
  });
  return Math.max(0, ...ends);
}

/** `init` with an `mehd` (8.8.2), which tells the duration with all fragments; that of the `moov` alone is 0. */
function withDuration(init: Buffer, seconds: number): Buffer {
  return Buffer.concat(
    [...boxesIn(init)].map((top) => {
      if (top.type !== 'moov') return top.bytes;
      const mvhd = find(top.body, ['mvhd']);
      const timescale = mvhd?.readUInt32BE(versionOf(mvhd) === 1 ? 20 : 12) ?? 0;
      const mehd = Buffer.alloc(8);
      mehd.writeUInt32BE(Math.round(seconds * timescale), 4);
      const within = [...boxesIn(top.body)].map(({ type, bytes, body }) =>
        type === 'mvex' ? box('mvex', box('mehd', mehd), body) : bytes,
      );
      return box('moov', ...within);
    }),
  );
}

function trackIn(fragment: Fragment, id: number) {
  return fragment.tracks.find((track) => track.id === id);
}
