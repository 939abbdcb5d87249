import { type MicrophoneDriver, SAMPLE_RATE } from '../../drivers/types.ts';
import { type Fault, faultOf } from './fault.ts';
import type { Row, Verdict } from './rows.ts';
import { levelBar, SoundLevel } from './sound-level.ts';

const MUTED =
  'It gives nothing but zeros: is it switched on, is it muted (`alsamixer`, F4), is it the right `device` (`arecord -L`)?';
const SILENT = 'No second of sound has come yet: watch for longer with `--for 20s`.';
const SIDES = ['left', 'right'];

/** A microphone that is listened to, for its level alone. */
export class MicrophoneTest {
  readonly #microphone: MicrophoneDriver;
  readonly #driver: string;
  readonly #level: SoundLevel;
  #fault: Fault | null = null;

  constructor(driver: string, microphone: MicrophoneDriver) {
    this.#driver = driver;
    this.#microphone = microphone;
    this.#level = new SoundLevel(microphone.channels, SAMPLE_RATE);
  }

  start(): void {
    this.#microphone.start((pcm) => this.#level.push(pcm));
  }

  stop(): Promise<void> {
    return this.#microphone.stop();
  }

  row(): Row {
    const now = faultOf(this.#microphone.health());
    this.#fault = now ?? this.#fault;
    const { latest, loudest } = this.#level;
    const decibels = (levels: readonly number[] | null) =>
      levels?.map((level) => (Number.isFinite(level) ? Math.round(level * 10) / 10 : null)) ?? null;
    const bars = latest?.map((level, channel) =>
      latest.length > 1 ? `${SIDES[channel]} ${levelBar(level)}` : levelBar(level),
    );
    return {
      kind: 'microphone',
      driver: this.#driver,
      name: this.#microphone.name,
      state: latest && !now ? 'HEARD' : '?',
      facts: [...(bars ?? []), ...(this.#fault ? [`last fault: ${this.#fault.what}`] : [])],
      lastFault: this.#fault?.what ?? null,
      ...this.#judge(now),
      figures: { level: decibels(latest), loudest: decibels(loudest) },
    };
  }

  #judge(now: Fault | null): { verdict: Verdict; remedy: string | null } {
    if (now) return { verdict: 'FAULT', remedy: now.remedy };
    const { latest, loudest } = this.#level;
    if (!latest) return { verdict: 'NOTHING HEARD', remedy: SILENT };
    return loudest.every(Number.isFinite)
      ? { verdict: 'OK', remedy: null }
      : { verdict: 'NOTHING HEARD', remedy: MUTED };
  }
}
