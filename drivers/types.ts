import type { Instant } from '../device/contacts/model.ts';
import type { CaError } from '../device/errors.ts';

/** What sensors and buttons say. Drivers know nothing of contacts. */
export type InputEvent =
  | { kind: 'presence'; present: boolean; at: Instant }
  | { kind: 'press'; button: string; at: Instant }
  /** A receptionist's card was read. `id` is personal: it is never logged. */
  | { kind: 'card'; id: string; at: Instant }
  /** The device can no longer be heard. Its next event says that it is back. */
  | { kind: 'lost'; at: Instant };

export interface DriverHealth {
  status: 'ok' | 'degraded' | 'failed';
  /** What is wrong and what to do, for the technician. */
  reason?: string;
  detail?: Record<string, string | number | boolean | null>;
}

/** What a line of a GPIO chip says. */
export interface LineListener {
  /** The level when the line was opened, and each change that lasted; active-low is taken into account. */
  level(high: boolean, at: Instant): void;
  /** The line can no longer be read. Its next `level` says that it is back. Once for each loss. */
  lost(why: CaError): void;
}

/** A line of a GPIO chip that is read. Reopens by itself; never throws after `start`. */
export interface DigitalInput {
  readonly name: string;
  start(listener: LineListener): void;
  /** The level that was told last; null while the line cannot be read. */
  read(): boolean | null;
  /** Resolves when the line is free. */
  stop(): Promise<void>;
  health(): DriverHealth;
}

/** A line of a GPIO chip that is driven. Nothing is opened before the first `set` or `get`. */
export interface DigitalOutput {
  readonly name: string;
  /** Resolves when the line has been read back as asked. @throws CaError CA_LINE_FAILED */
  set(high: boolean): Promise<void>;
  /** What the line is now. @throws CaError CA_LINE_FAILED */
  get(): Promise<boolean>;
  /** Lets go of the line; its level stays as it is where the backend can. */
  close(): Promise<void>;
}

/** A presence sensor, loyalty buttons, or both on one wire. Reopens by itself; never throws after `start`. */
export interface InputDriver {
  readonly name: string;
  start(emit: (event: InputEvent) => void): void;
  stop(): Promise<void>;
  health(): DriverHealth;
}

/**
 * How ffmpeg gets the pictures. `args` are its input options up to and including `-i`; where the camera needs a
 * program of its own (it has no timestamps, or must be paced), `feed` is its command line and `-i` reads `pipe:4`.
 */
export interface CameraInput {
  readonly args: readonly string[];
  readonly feed?: readonly [command: string, ...args: string[]];
  /** True when the pictures come as H.264 and can be stored as they are; otherwise the recorder encodes them. */
  readonly h264: boolean;
}

/** A camera, with what is known of its input before it has been looked at. */
export interface CameraSource extends CameraInput {
  readonly name: string;
  /** How late its pictures come, in milliseconds: they show what was before they arrive. */
  readonly latency: number;
  /**
   * Where the input depends on what is plugged in or installed: how to get the pictures now. Asked before each capture;
   * soon over when `signal` is aborted. Rejects with CA_CAMERA_LOST or CA_TOOL_MISSING.
   */
  readonly resolve?: (signal: AbortSignal) => Promise<CameraInput>;
}

/** A microphone: raw S16LE at 16 kHz in real time, in whole samples of all channels. Reopens by itself; never throws after `start`. */
export interface MicrophoneDriver {
  readonly name: string;
  /** How late its samples come, in milliseconds. */
  readonly latency: number;
  /** Of two, the left one comes first: L R L R … */
  readonly channels: 1 | 2;
  start(onSamples: (pcm: Buffer) => void): void;
  stop(): Promise<void>;
  health(): DriverHealth;
}

/** A lamp that shows that the desk is recorded. Nothing is opened before the first `set` or `read`. */
export interface Lamp {
  readonly name: string;
  /** Resolves when the lamp is known to be as asked (read back where it can be). @throws CaError CA_LAMP_FAILED */
  set(lit: boolean): Promise<void>;
  /** Whether it is lit; null: cannot be read back. @throws CaError CA_LAMP_FAILED */
  read(): Promise<boolean | null>;
  /** Lets go of the hardware. The lamp stays as it is. */
  close(): Promise<void>;
}

/** Samples a second of every microphone driver. */
export const SAMPLE_RATE = 16_000;

/** One picture for the models: packed RGB, 3 bytes a pixel, rows from the top, no padding. */
export interface VideoFrame {
  readonly width: number;
  readonly height: number;
  readonly rgb: Buffer;
  /** When it was captured. */
  readonly at: Instant;
}
