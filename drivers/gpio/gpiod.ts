import { NOT_FOUND, spawnBound } from '../../device/bound-process.ts';
import type { Clock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import {
  type Generation,
  generationOf,
  getCommand,
  infoCommand,
  type LineInfo,
  type Pull,
  parseChips,
  parseLevel,
  parseLines,
  type Target,
} from './gpiod-tools.ts';
import { beyond, chipOf, type LineAddress, lineFailed, nameOf, offsetOf } from './line.ts';

/** A program that only asks has this long. Milliseconds. */
const PATIENCE = 5_000;
/** How often, and until when, it is looked whether a program has taken its line. Milliseconds. */
const LOOK = 20;
const TAKING = 5_000;

/** The chips and lines as the programs of libgpiod (Debian package gpiod) show them. */
export class Gpiod {
  readonly #clock: Clock;
  #generation: Generation | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws CaError CA_TOOL_MISSING, CA_LINE_FAILED for a libgpiod that is not known. */
  async generation(): Promise<Generation> {
    if (this.#generation === null) {
      const said = await this.#run(['gpiomon', '--version']);
      this.#generation = generationOf(said);
      if (this.#generation === null) {
        const first = said.split('\n')[0];
        throw new CaError('CA_LINE_FAILED', `gpiomon is neither version 1 nor 2 of libgpiod: ${first}`, {
          remedy: 'Install the Debian package gpiod.',
        });
      }
    }
    return this.#generation;
  }

  /** @throws CaError CA_LINE_FAILED: no such chip or line; CA_TOOL_MISSING. */
  async find(address: LineAddress & { pull?: Pull | undefined }): Promise<Target> {
    const said = await this.#run(['gpiodetect']);
    const chips = parseChips(said);
    // Version 1 lists what it may not open as if that were no error.
    if (chips.length === 0 && /denied/.test(said)) throw lineFailed(address, new Error(said.trim()));
    const found = chipOf(chips, address);
    const { activeLow, pull } = address;
    const offset = offsetOf(address) ?? (await this.#offsetOfName(found.chip, address));
    if (offset < found.lines) return { chip: found.chip, offset, activeLow, pull };
    throw beyond(found, address);
  }

  /** The level of a line that nobody uses. @throws Error with the words of `gpioget`. */
  async level(target: Target): Promise<boolean> {
    const said = await this.#run(getCommand(await this.generation(), target));
    const level = parseLevel(said);
    if (level === null) throw new Error(`gpioget says ${said.trim().slice(0, 40)}`);
    return level;
  }

  async info({ chip, offset }: Target): Promise<LineInfo | null> {
    return (await this.#lines(chip)).find((line) => line.offset === offset) ?? null;
  }

  /** Who uses a line; null: nobody, or it cannot be told. Never throws: it is asked when something else went wrong. */
  async holder(address: LineAddress): Promise<string | null> {
    try {
      return (await this.info(await this.find(address)))?.user ?? null;
    } catch {
      return null;
    }
  }

  /** Resolves when `program` uses the line: only `gpioinfo` tells, version 1 of the others is silent. Rejects after a while. */
  async taken(target: Target, program: string, signal: AbortSignal): Promise<void> {
    for (let waited = 0; waited < TAKING; waited += LOOK) {
      const line = await this.info(target);
      if (line?.user === program) return;
      await this.#clock.sleep(`${program} takes its line`, LOOK, signal);
    }
    throw new Error(`${program} does not take the line`);
  }

  async #lines(chip: string): Promise<LineInfo[]> {
    return parseLines(await this.#run(infoCommand(await this.generation(), chip)));
  }

  async #offsetOfName(chip: string, address: LineAddress): Promise<number> {
    const lines = await this.#lines(chip);
    const line = lines.find(({ name }) => name === address.line);
    if (line) return line.offset;
    throw new CaError('CA_LINE_FAILED', `${nameOf(address)}: ${chip} has no line of that name`, {
      remedy: 'Set `line` to a name that `gpioinfo` (Debian package gpiod) shows, or to the BCM number.',
    });
  }

  /** What a program prints. @throws Error with its last words; CaError CA_TOOL_MISSING. */
  #run([program = '', ...args]: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawnBound(program, args, ['ignore', 'pipe', 'pipe']);
      const timer = this.#clock.after(program, PATIENCE, () => child.kill('SIGKILL'));
      let [out, words] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => {
        out += chunk;
      });
      child.stderr?.on('data', (chunk: Buffer) => {
        words += chunk;
      });
      child.on('error', reject);
      child.on('close', (code, killed) => {
        timer.cancel();
        if (code === 0) resolve(out);
        else reject(endOf(program, code, killed, words));
      });
    });
  }
}

/** Why a program of libgpiod ended. */
export function endOf(program: string, code: number | null, killed: string | null, words: string): Error {
  const said = words.trim().replaceAll('\n', '; ').slice(-300);
  if (code === NOT_FOUND)
    return new CaError('CA_TOOL_MISSING', `${program} is not installed`, {
      remedy: 'Install the Debian package gpiod.',
    });
  return new Error(said || `${program} ended with ${killed ?? code}`);
}
