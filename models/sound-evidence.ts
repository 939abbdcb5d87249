import { conversationOf, median, total, union } from './conversation.ts';
import { RaisedTimes } from './raised-voice.ts';
import type { ChannelReading, SoundBin, SoundReading, SoundSummary, Valence } from './readings.ts';
import type { Stretch } from './speech-stretches.ts';
import { decibels, SILENT } from './voice-effort.ts';

/** A reading with such a share of speech tells the level of it. */
export const LEVEL_SPEECH = 0.5;

/** What is left of a reading: a contact of an hour has 14 400. */
interface Kept {
  readonly from: number;
  readonly to: number;
  readonly speech: number;
  readonly receptionist: number | null;
  readonly level: number;
  readonly voice: Valence | null;
  readonly phrases: readonly string[];
}

/** Gathers the readings of one session to what is kept of a contact. Can be asked at any moment. */
export class SoundEvidence {
  readonly #options: { stereo: boolean; phrases: readonly string[] | null };
  readonly #kept: Kept[] = [];
  readonly #patient = new Speech();
  readonly #receptionist = new Speech();
  readonly #raised = new RaisedTimes();
  /** Times that nobody heard: neither speech nor silence. */
  readonly #unheard: Stretch[] = [];
  #heard = 0;
  #dropped = 0;

  /** `phrases`: the names that are listened for, or null. */
  constructor(options: { stereo: boolean; phrases: readonly string[] | null }) {
    this.#options = options;
  }

  add(reading: SoundReading): void {
    const { from, to, patient, receptionist, voice, phrases } = reading;
    if (from > this.#end) this.#skip(from);
    this.#heard += to - from;
    this.#patient.add(from, to, patient);
    if (receptionist !== null) this.#receptionist.add(from, to, receptionist);
    this.#raised.add({ from, to, voiced: patient.pitch !== null, above: patient.above });
    const { speech, level } = patient;
    this.#kept.push({ from, to, speech, receptionist: receptionist?.speech ?? null, level, voice, phrases });
  }

  /** Sound that was never looked at. */
  dropped(seconds: number): void {
    this.#dropped += seconds;
  }

  summary(): SoundSummary {
    const [patient, receptionist] = [this.#patient.stretches, this.#receptionist.stretches];
    const anybody = union(patient, receptionist);
    const spoken = this.#kept.filter(({ speech }) => speech >= LEVEL_SPEECH);
    const { stereo, phrases } = this.#options;
    return {
      heard: this.#heard,
      speech: this.#heard > 0 ? Math.min(1, total(anybody) / this.#heard) : 0,
      longestSilence: longestGap(union(anybody, this.#unheard), this.#end),
      level: median(spoken.map(({ level }) => level)),
      raised: total(this.#raised.times()),
      conversation: stereo ? conversationOf(patient, receptionist, this.#heard) : 'not available',
      voice: meanValence(this.#kept),
      phrases: phrases === null ? null : this.#count(phrases),
      dropped: this.#dropped,
    };
  }

  bins(): SoundBin[] {
    const seconds: Kept[][] = Array.from({ length: Math.ceil(this.#end - 1e-6) }, () => []);
    // By the middle, so that one that begins a hair before the second is of it.
    for (const kept of this.#kept) seconds[Math.floor((kept.from + kept.to) / 2)]?.push(kept);
    const raised = this.#raised.times();
    return seconds.map((readings, second) => ({
      speech: weighted(readings, ({ speech }) => speech),
      receptionist: this.#options.stereo ? weighted(readings, ({ receptionist }) => receptionist ?? 0) : null,
      level: readings.length === 0 ? SILENT : decibels(weighted(readings, ({ level }) => 10 ** (level / 10))),
      raised: raised.some(([from, to]) => from < second + 1 && to > second),
      voice: meanValence(readings),
      phrases: readings.flatMap((reading) => reading.phrases),
    }));
  }

  get #end(): number {
    return this.#kept.at(-1)?.to ?? 0;
  }

  /** Nobody heard what was before `from`: whoever spoke then may have stopped. */
  #skip(from: number): void {
    this.#unheard.push([this.#end, from]);
    this.#patient.breakOff();
    this.#receptionist.breakOff();
  }

  #count(names: readonly string[]): Record<string, number> {
    const heard = this.#kept.flatMap(({ phrases }) => phrases);
    return Object.fromEntries(names.map((name) => [name, heard.filter((one) => one === name).length]));
  }
}

/** When one side speaks. A stretch is told when it is over; until then the readings' shares say how much of it there is. */
class Speech {
  readonly #told: Stretch[] = [];
  #open: Stretch | null = null;

  add(from: number, to: number, { spoken, speech }: ChannelReading): void {
    const ended = total(spoken.map(([start, end]): Stretch => [Math.max(start, from), end]));
    this.#told.push(...spoken);
    if (spoken.length > 0) this.#open = null;
    // What did not end in it goes on at its end.
    const going = speech * (to - from) - ended;
    if (going > 1e-6) this.#open = [this.#open?.[0] ?? to - going, to];
  }

  /** What goes on here is never told: the end of it was not heard. */
  breakOff(): void {
    if (this.#open !== null) this.#told.push(this.#open);
    this.#open = null;
  }

  get stretches(): readonly Stretch[] {
    return this.#open === null ? this.#told : [...this.#told, this.#open];
  }
}

/** The longest time up to `end` (s) that none of the stretches, in order, covers. */
function longestGap(stretches: readonly Stretch[], end: number): number {
  const starts = [...stretches.map(([from]) => from), end];
  const ends = [0, ...stretches.map(([, to]) => to)];
  return Math.max(0, ...starts.map((start, n) => start - (ends[n] ?? 0)));
}

/** The mean over time; 0 over no time. */
function weighted(readings: readonly Kept[], value: (reading: Kept) => number): number {
  const time = readings.reduce((sum, { from, to }) => sum + to - from, 0);
  return time === 0 ? 0 : readings.reduce((sum, r) => sum + value(r) * (r.to - r.from), 0) / time;
}

function meanValence(readings: readonly Kept[]): Valence | null {
  const said = readings.flatMap(({ voice }) => voice ?? []);
  if (said.length === 0) return null;
  const mean = (of: keyof Valence) => said.reduce((sum, valence) => sum + valence[of], 0) / said.length;
  return { negative: mean('negative'), neutral: mean('neutral'), positive: mean('positive') };
}
