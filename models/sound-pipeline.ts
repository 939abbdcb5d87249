import { LONGEST_PAUSE, TURN_OVERLAP } from './conversation.ts';
import type { OwnSound } from './own/own-sound.ts';
import { loadPhraseFinder, type PhraseFinder } from './own/phrase-finder.ts';
import { loadVoiceModel, type VoiceModel } from './own/voice-model.ts';
import {
  CALM_WORD,
  type ChannelUsual,
  LEARNT_OF_RAISED,
  LEAST_RAISED,
  LEAST_VOICE,
  RAISED_EFFORT,
  RAISED_LEVEL,
  RAISED_PAUSE,
  RAISED_PITCH,
  REMEMBERED_VOICE,
} from './raised-voice.ts';
import type { ChannelReading, ModelUse, SoundReading } from './readings.ts';
import { COMPARED_AGE, COMPARED_VOICE, SoundChannel } from './sound-channel.ts';
import { LEVEL_SPEECH } from './sound-evidence.ts';
import {
  loadSpeechDetectors,
  RATE,
  SPEECH_THRESHOLD,
  type SpeechDetector,
  type SpeechDetectors,
  WINDOW,
} from './speech-detector.ts';
import { FrameLevels, LONGEST_CATCH, RoomLevels, SHORTEST_SPEECH } from './speech-stretches.ts';
import { LEAST_VOICE_SHARE, VoiceListener } from './voice-listener.ts';

/** A voice that is so much weaker than in the other microphone belongs there, dB. */
const CROSS_TALK = 10;

/** Seconds of sound in one reading. */
const STEP = 0.25;

/**
 * What decides from sound to the summary, for the store: seconds, dB, shares; `raised.pitch` is a factor, and every
 * `raised.every`th part of a raised voice is learnt. How something is measured (the edges of speech, the pitch) is no
 * limit: it stands where it is measured.
 */
export const SOUND_THRESHOLDS: Readonly<Record<string, number>> = {
  'speech.threshold': SPEECH_THRESHOLD,
  'speech.shortest': SHORTEST_SPEECH,
  'speech.pause': LONGEST_CATCH,
  'speech.crossTalk': CROSS_TALK,
  'level.speech': LEVEL_SPEECH,
  'raised.pitch': RAISED_PITCH,
  'raised.effort': RAISED_EFFORT,
  'raised.level': RAISED_LEVEL,
  'raised.least': LEAST_RAISED,
  'raised.pause': RAISED_PAUSE,
  'raised.calm': CALM_WORD,
  'raised.compared': COMPARED_VOICE,
  'raised.age': COMPARED_AGE,
  'raised.learnt': LEAST_VOICE,
  'raised.remembered': REMEMBERED_VOICE,
  'raised.every': LEARNT_OF_RAISED,
  'turn.pause': LONGEST_PAUSE,
  'turn.overlap': TURN_OVERLAP,
  'voice.speech': LEAST_VOICE_SHARE,
};

export interface SoundModels {
  readonly models: readonly ModelUse[];
  readonly detectors: SpeechDetectors;
  /** The user's own, or null. */
  readonly voice: VoiceModel | null;
  readonly phrases: PhraseFinder | null;
}

/** Rejects with a remedy where a model is missing or is not what it should be. */
export async function loadSoundModels(options: { own: OwnSound }): Promise<SoundModels> {
  const { voice: voiceFolder, speech: speechFolder, phrases: wanted } = options.own;
  const detectors = await loadSpeechDetectors();
  const voice = voiceFolder === null ? null : await loadVoiceModel(voiceFolder);
  const phrases = speechFolder === null ? null : await loadPhraseFinder(speechFolder, wanted);
  const own = [voice, phrases].flatMap((model) => (model === null ? [] : [model.use]));
  return { models: [detectors.use, ...own], detectors, voice, phrases };
}

/** One microphone, or both mixed, and what listens to it. */
interface Side {
  readonly from: 'left' | 'right' | 'mix';
  readonly detector: SpeechDetector;
  readonly channel: SoundChannel;
  readonly levels: FrameLevels;
  readonly room: RoomLevels;
}

/** The sound of one session: samples in, readings out. A reading lags behind what is heard by up to 0.9 s. */
export class SoundPipeline {
  readonly #models: SoundModels;
  readonly #options: { channels: 1 | 2; patient: 'left' | 'right' | null; usual: ChannelUsual };
  /** The patient's, or that of both; then the receptionist's. None once the session is over. */
  #sides: readonly Side[];
  readonly #listener: VoiceListener | null;
  readonly #finder: ReturnType<PhraseFinder['begin']> | null;
  /** Interleaved samples that do not fill a window yet. */
  #rest: Int16Array = new Int16Array(0);
  /** The patient's samples that no reading has told of yet. */
  #untold: Float32Array = new Float32Array(0);
  #phrases: string[] = [];
  /** When the present run of sound began, seconds of the session; samples of it heard; seconds of it told. */
  #began = 0;
  #heard = 0;
  #told = 0;

  /**
   * `patient`: of two microphones the patient's. Without that both are one, nobody knows whose voice it is, and no
   * voice model is asked.
   */
  constructor(
    models: SoundModels,
    options: { channels: 1 | 2; patient: 'left' | 'right' | null; usual: ChannelUsual },
  ) {
    this.#models = models;
    this.#options = options;
    this.#sides = this.#listen();
    const apart = this.#sides.length === 2;
    this.#listener = apart && models.voice !== null ? new VoiceListener(models.voice) : null;
    this.#finder = models.phrases?.begin() ?? null;
  }

  /** The next samples, interleaved, as many as there are. */
  hear(samples: Int16Array): SoundReading[] {
    const all = new Int16Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    const block = WINDOW * this.#options.channels;
    const readings: SoundReading[] = [];
    let at = 0;
    for (; at + block <= all.length; at += block) {
      this.#hearWindow(all.subarray(at, at + block));
      readings.push(...this.#tell());
    }
    this.#rest = all.slice(at);
    return readings;
  }

  /** So many seconds were not heard: time goes on, and who spoke before is no longer waited for. */
  skip(seconds: number): SoundReading[] {
    const readings = this.#finish();
    this.#began += this.#heard / RATE + seconds;
    this.#heard = 0;
    this.#told = 0;
    this.#sides = this.#listen();
    return readings;
  }

  /** Tells what there still is to tell: the last reading may be a short one. */
  end(): SoundReading[] {
    const readings = this.#finish();
    this.free();
    return readings;
  }

  /** Nothing of the session is kept. Nothing may be heard after it. */
  free(): void {
    for (const { detector } of this.#sides) this.#models.detectors.giveBack(detector);
    this.#sides = [];
    this.#finder?.free();
  }

  /** The error of the user's voice model since this was last called, or null. */
  takeFault(): unknown {
    return this.#listener?.takeFault() ?? null;
  }

  #listen(): Side[] {
    const { channels, patient, usual } = this.#options;
    const side = (from: Side['from'], mine: ChannelUsual | null): Side => {
      const detector = this.#models.detectors.take();
      return {
        from,
        detector,
        channel: new SoundChannel(detector, mine),
        levels: new FrameLevels(),
        room: new RoomLevels(),
      };
    };
    if (channels === 1) return [side('left', usual)];
    if (patient === null) return [side('mix', usual)];
    // Whose work it is to stand there is not measured: only when they speak.
    return [side(patient, usual), side(patient === 'left' ? 'right' : 'left', null)];
  }

  #hearWindow(block: Int16Array): void {
    const windows = this.#sides.map(({ from }) => samplesOf(block, from, this.#options.channels));
    const levels = this.#sides.map((side, n) => side.levels.of(windows[n] ?? new Float32Array(WINDOW)));
    const rooms = this.#sides.map((side, n) => side.room.of(levels[n] ?? []));
    for (const [n, { channel }] of this.#sides.entries()) {
      const room = rooms[1 - n];
      const own = levels[n]?.map((level, frame) =>
        room !== undefined && level < (room[frame] ?? 0) - CROSS_TALK ? -Infinity : level,
      );
      channel.hear(windows[n] ?? new Float32Array(WINDOW), own ?? []);
    }
    if (this.#finder)
      this.#phrases.push(...this.#finder.hear(samplesOf(block, 'mix', this.#options.channels)));
    if (this.#listener && windows[0]) this.#untold = joined(this.#untold, windows[0]);
    this.#heard += WINDOW;
  }

  #finish(): SoundReading[] {
    const { channels } = this.#options;
    const left = this.#rest.length / channels;
    const heard = (this.#heard + left) / RATE;
    if (left > 0) {
      const block = new Int16Array(WINDOW * channels);
      block.set(this.#rest);
      this.#rest = new Int16Array(0);
      this.#hearWindow(block);
    }
    this.#heard = Math.round(heard * RATE);
    for (const { channel } of this.#sides) channel.end();
    const readings = this.#tell(heard);
    if (heard > this.#told) readings.push(this.#reading(heard));
    this.#untold = new Float32Array(0);
    for (const { detector } of this.#sides) this.#models.detectors.giveBack(detector);
    this.#sides = [];
    return readings;
  }

  /** The readings of which it is settled, or known anyway, who speaks. */
  #tell(until = Math.min(...this.#sides.map(({ channel }) => channel.settled))): SoundReading[] {
    const readings: SoundReading[] = [];
    while (this.#told + STEP <= until) readings.push(this.#reading(this.#told + STEP));
    return readings;
  }

  #reading(to: number): SoundReading {
    const from = this.#told;
    const [patient, receptionist] = this.#sides;
    if (patient === undefined) throw new RangeError('the session is over');
    if (this.#listener !== null) {
      const length = Math.round((to - from) * RATE);
      const speech = [
        patient.channel.speech(from, to),
        receptionist?.channel.speech(from, to) ?? [],
      ] as const;
      this.#listener.hear(this.#untold.subarray(0, length), from, ...speech);
      this.#untold = this.#untold.slice(length);
    }
    const tell = (side: Side) => later(side.channel.reading(from, to), this.#began);
    this.#told = to;
    return {
      from: this.#began + from,
      to: this.#began + to,
      patient: tell(patient),
      receptionist: receptionist === undefined ? null : tell(receptionist),
      voice: this.#listener?.takeNews() ?? null,
      phrases: this.#phrases.splice(0),
    };
  }
}

/** One microphone, or both mixed, out of interleaved samples; −1 to 1. */
function samplesOf(block: Int16Array, from: Side['from'], channels: 1 | 2): Float32Array {
  const window = new Float32Array(block.length / channels);
  for (let n = 0; n < window.length; n++) {
    const left = block[n * channels] ?? 0;
    const right = block[n * channels + channels - 1] ?? 0;
    window[n] = (from === 'left' ? left : from === 'right' ? right : (left + right) / 2) / 32_768;
  }
  return window;
}

function joined(one: Float32Array, other: Float32Array): Float32Array {
  const both = new Float32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** A reading whose times count from the beginning of the session, not of the present run of sound. */
function later(reading: ChannelReading, began: number): ChannelReading {
  return { ...reading, spoken: reading.spoken.map(([from, to]) => [began + from, began + to]) };
}
