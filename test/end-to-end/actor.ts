import { setTimeout as sleep } from 'node:timers/promises';
import type { Pty } from '../stand-ins/pty.ts';

/** One patient at the desk. Times in ms. */
export interface Scene {
  /** From arrival to departure, and from departure to the next arrival. */
  stay: number;
  gap: number;
  /** Buttons, with the time since the arrival; later than `stay` is after the departure. */
  presses?: readonly { button: string; at: number }[];
  /** The sensor loses the patient for a moment: `at` since the arrival, for `length`. */
  unseen?: { at: number; length: number };
}

/** When a patient came and went: wall clock, ms from the epoch. */
export interface Stay {
  arrived: number;
  left: number;
}

/** The line protocol wants the level at least every 5 s. */
const REPEAT_MS = 2_000;

/** Plays the sensor and the buttons of a desk on a pty. */
export class Actor {
  readonly #pty: Pty;
  #level = 'P0';
  readonly #timer: NodeJS.Timeout;

  constructor(pty: Pty) {
    this.#pty = pty;
    this.#timer = setInterval(() => void this.tell(), REPEAT_MS);
  }

  /** Somebody comes (or is seen again); resolves with the time. */
  async arrive(): Promise<number> {
    return this.#change('P1');
  }

  async leave(): Promise<number> {
    return this.#change('P0');
  }

  async press(button: string): Promise<number> {
    const at = Date.now();
    await this.#pty.write(`B${button}\n`);
    return at;
  }

  /** Repeats the level, as the device does by itself every now and then. */
  async tell(): Promise<void> {
    // While the cable is out nobody hears it.
    await this.#pty.write(`${this.#level}\n`).catch(() => {});
  }

  /** Plays scenes one after the other, keeping to the clock; resolves with the stays after the last gap. */
  async play(scenes: readonly Scene[]): Promise<Stay[]> {
    const stays: Stay[] = [];
    let begin = Date.now();
    for (const scene of scenes) {
      const stay: Stay = { arrived: 0, left: 0 };
      stays.push(stay);
      for (const { at, act } of this.#steps(scene, stay)) {
        await sleep(Math.max(0, begin + at - Date.now()));
        await act();
      }
      begin += scene.stay + scene.gap;
      await sleep(Math.max(0, begin - Date.now()));
    }
    return stays;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #change(level: string): Promise<number> {
    this.#level = level;
    const at = Date.now();
    await this.tell();
    return at;
  }

  #steps(scene: Scene, stay: Stay): { at: number; act: () => Promise<unknown> }[] {
    const { presses = [], unseen } = scene;
    return [
      { at: 0, act: async () => Object.assign(stay, { arrived: await this.arrive() }) },
      { at: scene.stay, act: async () => Object.assign(stay, { left: await this.leave() }) },
      ...presses.map(({ button, at }) => ({ at, act: () => this.press(button) })),
      ...(unseen
        ? [
            { at: unseen.at, act: () => this.leave() },
            { at: unseen.at + unseen.length, act: () => this.arrive() },
          ]
        : []),
    ].sort((a, b) => a.at - b.at);
  }
}
