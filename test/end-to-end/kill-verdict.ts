import type { ClipRecord, ContactRecord } from '../../device/store/records.ts';
import { type ClipTimes, clipTimes } from '../stand-ins/clip-times.ts';
import { type Expected, type Kind, POST_ROLL } from './kill-schedule.ts';
import { FPS, GOP, type Rig, SETTINGS } from './rig.ts';

/** One contact of a kill schedule: what came of it, and what is wrong with that. Milliseconds. */
export interface Verdict {
  kind: Kind;
  /** The kill, counted from the arrival. */
  at: number;
  ended: string;
  /** First picture against arrival less pre-roll. */
  start: number | null;
  /** What the clip lacks at its end of what was to be recorded until the kill, in pictures and in sound. */
  pictures: number | null;
  sound: number | null;
  /** Longest stretch without pictures within the clip. */
  hole: number;
  beepsMissing: number;
  recovered: boolean | null;
  wrong: string[];
}

const FRAME = 1_000 / FPS;
const GOP_MS = GOP * FRAME;
/** What a kill may cost at the end of a clip. */
const LAST_SECOND = 1_000;
/** Where the ring was lost: a segment of 2 s that waits for its key picture, and what was on its way to the disk. */
const LAST_SEGMENT = 2_000 + GOP_MS + 500;
/** What the kill of an ffmpeg may cost in pictures. */
const MOST_BLIND = 3_500;
/** A camera needs so long to be seen again after the service, or its ffmpeg, has been started. */
const SEEING = 4_500;
/** The sound of an ffmpeg that was killed ends at most twice that before (and the sound card is late). */
const SEAM = 300;
/** The stamps of pictures are that far from when they were taken, on a busy machine. */
const JITTER = 100;
/** What is missing for longer is told in the manifest, which knows it to the frame or two. */
const TOLD = 1_000;

/** Judges one contact against what must have come of it. `next`: the kill after it; `heard`: the seconds that beeped. */
export async function judge(
  rig: Rig,
  expected: Expected,
  next: Kind | null,
  contact: ContactRecord,
  heard: Set<number>,
): Promise<Verdict> {
  const { act } = expected;
  const clip = rig.events<ClipRecord>('clip.ready').find(({ data }) => data.contactId === contact.id)?.data;
  const verdict: Verdict = {
    ...{
      kind: act.kind,
      at: act.at,
      ended: contact.endReason ?? '',
      start: null,
      pictures: null,
      sound: null,
    },
    ...{ hole: 0, beepsMissing: 0, recovered: clip?.manifest?.recovered ?? null },
    wrong: timesOf(expected, contact),
  };
  if (clip?.file)
    judgeClip(verdict, expected, next, contact, clip, await clipTimes(await rig.played(clip.file)), heard);
  else if (!lostWhole(expected, contact)) verdict.wrong.push(`no clip: ${contact.clip?.reason ?? '?'}`);
  return verdict;
}

/** The ring was lost before anything of the contact itself had left it. */
function lostWhole({ act, cut }: Expected, contact: ContactRecord): boolean {
  const lost = act.kind === 'ring' || act.kind === 'boot';
  return lost && cut !== null && cut - Date.parse(contact.startedAt) < LAST_SEGMENT;
}

/** What a kill may cost at the end of what it ends. */
function costOf(kind: Kind | null): number {
  return kind === 'ring' || kind === 'boot' ? LAST_SEGMENT : LAST_SECOND;
}

function timesOf({ began, ended, reasons }: Expected, contact: ContactRecord): string[] {
  const [start, end] = [Date.parse(contact.startedAt), Date.parse(contact.endedAt ?? '')];
  const within = (wall: number, [from, to]: readonly [number, number]) => wall >= from && wall <= to;
  return [
    ...(within(start, began) ? [] : [`begins ${start - began[1]} ms after the latest`]),
    ...(within(end, ended) ? [] : [`ends ${end - ended[1]} ms after the latest`]),
    ...(contact.endReason && reasons.includes(contact.endReason) ? [] : [`ended by ${contact.endReason}`]),
  ];
}

function judgeClip(
  verdict: Verdict,
  { act, cut, left, seenSince, blinded }: Expected,
  next: Kind | null,
  contact: ContactRecord,
  { manifest }: ClipRecord,
  times: ClipTimes,
  heard: Set<number>,
): void {
  const wrong = (what: string, holds: boolean) => {
    if (!holds) verdict.wrong.push(what);
  };
  const from = Date.parse(contact.startedAt) - SETTINGS.preRoll;
  const to = Math.min(left === null ? Infinity : left + POST_ROLL, cut ?? Infinity);
  const begins = times.zero ?? Date.parse(contact.startedAt) - (manifest?.preRoll ?? 0);
  const ends = begins + times.sound;
  const seen = seenSince + SEEING < from - GOP_MS;
  const calm = seen && (blinded === null || blinded > from + FRAME);

  verdict.start = times.first === null ? null : Math.round(times.first - from);
  const lastShown = times.shown.at(-1);
  verdict.pictures = lastShown === undefined ? null : Math.round(to - begins - lastShown - FRAME);
  verdict.sound = Math.round(to - ends);
  const holes = holesOf(times, Math.min(ends, to) - begins);
  verdict.hole = Math.round(Math.max(0, ...holes.map((hole) => hole.to - hole.from)));
  const beeped = beepsOf(times, begins);
  const [first, last] = [Math.max(begins, seen ? 0 : seenSince + SEEING), Math.min(ends, to)];
  const within = (second: number) => second * 1_000 - 100 > first && second * 1_000 + 400 < last;
  // Where two runs meet an AAC frame (64 ms) fades out: a beep that lies there cannot be told.
  const split = (second: number) => blinded !== null && Math.abs(blinded - SEAM - second * 1_000) < SEAM;
  const beeps = [...heard].filter((second) => within(second) && !split(second));
  verdict.beepsMissing = beeps.filter((second) => !beeped.has(second)).length;

  wrong('a frame cannot be read', times.unreadable === 0);
  wrong(`complaints: ${times.complaints[0]}`, times.complaints.length === 0);
  if (calm) {
    wrong(`begins ${verdict.start} ms late`, verdict.start !== null && verdict.start <= FRAME + JITTER);
    // A busy camera takes longer for its pictures.
    const gop = Math.max(GOP_MS, (times.taken[GOP] ?? 0) - (times.taken[0] ?? 0));
    wrong(`begins ${verdict.start} ms early`, verdict.start !== null && verdict.start >= -gop - JITTER);
  }
  // What lay further back than that, when it was killed, must be there.
  const costs = costOf(act.kind);
  // On a busy machine the kill of the next contact may come before this one's clip is made, even before its post-roll is over.
  const overtaken = cut === null && verdict.recovered === true;
  const most = overtaken
    ? costOf(next) + POST_ROLL
    : Math.max(FRAME + JITTER, to - ((cut ?? Infinity) - costs));
  wrong(`${verdict.sound} ms of sound are missing at the end`, verdict.sound <= most);
  if (seen && blinded === null)
    wrong(
      `${verdict.pictures} ms are missing at the end`,
      verdict.pictures !== null && verdict.pictures <= most,
    );
  wrong(`no pictures for ${verdict.hole} ms`, verdict.hole <= (seen ? MOST_BLIND : SEEING));
  wrong(`${verdict.beepsMissing} beeps are missing`, verdict.beepsMissing === 0);
  // A clip of sound alone says so by its tracks.
  const pictured = manifest?.tracks.includes('video') ?? true;
  for (const hole of pictured ? holes : []) {
    const told = manifest?.gaps.some(
      ({ track, from, to }) =>
        track === 'video' &&
        Math.abs(from - hole.from) < FRAME + JITTER &&
        Math.abs(to - hole.to) < FRAME + JITTER,
    );
    wrong(`${JSON.stringify(hole)} is not in the manifest: ${JSON.stringify(manifest?.gaps)}`, told ?? false);
  }
}

/** Stretches of more than a second of the clip without pictures. */
function holesOf({ shown }: ClipTimes, ends: number): { from: number; to: number }[] {
  const moments = [0, ...shown, ends];
  return moments.slice(1).flatMap((to, n) => {
    const from = moments[n] ?? to;
    return to - from > TOLD + FRAME ? [{ from, to }] : [];
  });
}

/** The seconds that beep in a clip whose zero is at `zero`; by their names, as a sound card may be late. */
function beepsOf({ beeps }: ClipTimes, zero: number): Set<number> {
  return new Set(beeps.map(({ at, names }) => Math.round(((zero + at) / 1_000 - names) / 16) * 16 + names));
}
