import { constants } from 'node:fs';
import { access, type FileHandle, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { NOT_FOUND, spawnBound } from '../bound-process.ts';
import { CaError, messageOf } from '../errors.ts';

/**
 * How ffmpeg and ffprobe are told to read a recording: by a descriptor that is open already. So what a file is called
 * (`-i`, `http://…`, `100%d.jpg`) means nothing to them, its format is told by its content, and it can be sought in.
 * Of a playlist only what lies on this machine is read.
 */
const RECORDING_FD = 3;
export const INPUT = ['-protocol_whitelist', 'file', '-i', `file:/proc/self/fd/${RECORDING_FD}`] as const;
/** A second output, where one is asked for. */
export const SECOND_FD = 4;

/** Longer than a few messages, shorter than what a damaged video may make ffmpeg say. */
const LONGEST = 2_000;

/** What a recording cannot be scored for. */
export function unreadable(message: string, remedy?: string, cause?: unknown): CaError {
  return new CaError('CA_RECORDING_UNREADABLE', message, {
    cause,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** Opens a recording. @throws CaError CA_RECORDING_UNREADABLE: not there, a folder, empty, not to be read. */
export async function openRecording(path: string): Promise<FileHandle> {
  let what: Awaited<ReturnType<typeof stat>>;
  try {
    what = await stat(path);
    await access(path, constants.R_OK);
  } catch (cause) {
    throw unreadable(messageOf(cause), 'Check the path, and that you may read the file.', cause);
  }
  if (what.isDirectory()) throw unreadable('is a folder', 'Name the files in it: FOLDER/*.');
  if (!what.isFile()) throw unreadable('is no file', 'Save what it gives into a file first.');
  if (what.size === 0) throw unreadable('is empty', 'Copy it again from where it came.');
  return open(path);
}

/** ffmpeg or ffprobe at work on a recording. */
export class MediaProgram {
  readonly output: Readable;
  readonly second: Readable | null;
  readonly #name: string;
  readonly #child: ReturnType<typeof spawnBound>;
  readonly #closed: Promise<number | null>;
  #said = '';

  constructor(name: 'ffmpeg' | 'ffprobe', args: readonly string[], recording: FileHandle, second = false) {
    this.#name = name;
    const stdio = ['ignore', 'pipe', 'pipe', recording.fd, second ? 'pipe' : 'ignore'] as const;
    this.#child = spawnBound(name, args, [...stdio]);
    this.#closed = new Promise((resolve, reject) => {
      this.#child.once('close', resolve);
      this.#child.once('error', (cause) => reject(missing(name, cause)));
    });
    // Asked for at the end only; meanwhile nobody is to call it unhandled.
    this.#closed.catch(() => {});
    const [, output, errors, , more] = this.#child.stdio;
    this.output = output as Readable;
    this.second = second ? (more as Readable) : null;
    (errors as Readable).setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(0, LONGEST);
    });
  }

  /** Resolves when it has ended well. @throws CaError CA_RECORDING_UNREADABLE with its words, CA_TOOL_MISSING */
  async ended(): Promise<void> {
    const code = await this.#closed;
    if (code === NOT_FOUND) throw missing(this.#name);
    if (code !== 0)
      throw unreadable(
        `cannot be decoded: ${causeIn(this.#said) || `${this.#name} ended with code ${code}`}`,
      );
  }

  /** Ends it, where it has not ended. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

function missing(program: string, cause?: unknown): CaError {
  const remedy = 'Install the Debian package ffmpeg.';
  return new CaError('CA_TOOL_MISSING', `${program} cannot be started`, { cause, remedy });
}

/** The first two lines, which name the cause, without names and addresses that mean nothing to who gave the file. */
function causeIn(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^(\[[^\]]*\]|file:\/proc\/self\/fd\/\d+:)\s*/, '').trim());
  return [...new Set(lines.filter(Boolean))].slice(0, 2).join('; ');
}
