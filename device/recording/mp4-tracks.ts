import { boxesIn, find, findAll, flagsOf, versionOf } from './mp4-boxes.ts';

/** What a `moov` says of a track. */
export interface Track {
  readonly id: number;
  /** Units of its times a second. */
  readonly timescale: number;
  /** The time of the media that is shown at the start: greater than 0 where pictures are reordered (8.6.6). */
  readonly mediaTime: number;
  /** Of a sample, where its fragment says nothing (8.8.3). */
  readonly defaults: { readonly duration: number; readonly flags: number };
}

/** The tracks of a `moov`, by its body (8.3.2, 8.4.2, 8.6.6, 8.8.3). */
export function tracksOf(moov: Buffer): Track[] {
  const extended = findAll(moov, ['mvex', 'trex']);
  return findAll(moov, ['trak']).flatMap((trak): Track[] => {
    const [tkhd, mdhd] = [find(trak, ['tkhd']), find(trak, ['mdia', 'mdhd'])];
    if (!tkhd || !mdhd) return [];
    const id = tkhd.readUInt32BE(versionOf(tkhd) === 1 ? 20 : 12);
    const timescale = mdhd.readUInt32BE(versionOf(mdhd) === 1 ? 20 : 12);
    const trex = extended.find((body) => body.readUInt32BE(4) === id);
    const defaults = { duration: trex?.readUInt32BE(12) ?? 0, flags: trex?.readUInt32BE(20) ?? 0 };
    return [{ id, timescale, mediaTime: mediaTimeOf(find(trak, ['edts', 'elst'])), defaults }];
  });
}

function mediaTimeOf(elst: Buffer | null): number {
  if (!elst || elst.readUInt32BE(4) === 0) return 0;
  return versionOf(elst) === 1 ? Number(elst.readBigInt64BE(16)) : elst.readInt32BE(12);
}

/** What a fragment has of one track, in units of the track's timescale. */
export interface FragmentTrack {
  readonly id: number;
  /** When its earliest sample is shown. */
  readonly start: number;
  readonly duration: number;
  /** Whether decoding can begin at its first sample. */
  readonly key: boolean;
}

/** What there is of each of `tracks` in a fragment, by its `moof`. */
export function fragmentTracks(fragment: Buffer, tracks: readonly Track[]): FragmentTrack[] {
  return findAll(fragment, ['moof', 'traf']).flatMap((traf): FragmentTrack[] => {
    const boxes = [...boxesIn(traf)];
    const bodyOf = (type: string) => boxes.find((one) => one.type === type)?.body ?? null;
    const tfhd = bodyOf('tfhd');
    const track = tracks.find(({ id }) => id === tfhd?.readUInt32BE(4));
    const runs = boxes.filter(({ type }) => type === 'trun').map(({ body }) => body);
    return tfhd && track && runs.length > 0 ? [fragmentTrack(track, tfhd, bodyOf('tfdt'), runs)] : [];
  });
}

/** tfhd (8.8.7), tfdt (8.8.12), trun (8.8.8): a sample without a value of its own has its fragment's, or its track's. */
function fragmentTrack(
  track: Track,
  tfhd: Buffer,
  tfdt: Buffer | null,
  runs: readonly Buffer[],
): FragmentTrack {
  const header = layout(flagsOf(tfhd), TFHD);
  const usual = {
    duration: valueAt(tfhd, 8, header.duration) ?? track.defaults.duration,
    flags: valueAt(tfhd, 8, header.flags) ?? track.defaults.flags,
  };
  const decoded = tfdt ? (versionOf(tfdt) === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)) : 0;
  let duration = 0;
  let earliest = Number.POSITIVE_INFINITY;
  let flags: number | null = null;
  for (const run of runs) {
    const head = layout(flagsOf(run), TRUN);
    const sample = layout(flagsOf(run), SAMPLE);
    const count = run.readUInt32BE(4);
    for (let n = 0; n < count; n++) {
      const at = 8 + head.size + n * sample.size;
      flags ??= valueAt(run, 8, head.flags) ?? valueAt(run, at, sample.flags) ?? usual.flags;
      // Signed in version 1, and never beyond 31 bits in version 0.
      earliest = Math.min(earliest, decoded + duration + ((valueAt(run, at, sample.offset) ?? 0) | 0));
      duration += valueAt(run, at, sample.duration) ?? usual.duration;
    }
  }
  const key = ((flags ?? 0) & NOT_SYNC) === 0;
  return { id: track.id, start: earliest - track.mediaTime, duration, key };
}

/** The optional fields of a box in their order: the flag that says it is there, its bytes, its name where it is read. */
type Field = readonly [flag: number, bytes: number, name?: 'duration' | 'flags' | 'offset'];
const TFHD: readonly Field[] = [
  [0x1, 8],
  [0x2, 4],
  [0x8, 4, 'duration'],
  [0x10, 4],
  [0x20, 4, 'flags'],
];
const TRUN: readonly Field[] = [
  [0x1, 4],
  [0x4, 4, 'flags'],
];
const SAMPLE: readonly Field[] = [
  [0x100, 4, 'duration'],
  [0x200, 4],
  [0x400, 4, 'flags'],
  [0x800, 4, 'offset'],
];
/** Of a sample's flags (8.8.3.1): decoding cannot begin there. */
const NOT_SYNC = 0x1_0000;

/** Where the fields lie behind one another, -1 for one that is not there, and how many bytes all of them take. */
function layout(flags: number, fields: readonly Field[]) {
  const found = { size: 0, duration: -1, flags: -1, offset: -1 };
  for (const [flag, bytes, name] of fields) {
    if (!(flags & flag)) continue;
    if (name) found[name] = found.size;
    found.size += bytes;
  }
  return found;
}

function valueAt(body: Buffer, at: number, field: number): number | null {
  return field < 0 ? null : body.readUInt32BE(at + field);
}
