import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { CameraSource } from '../../drivers/types.ts';
import { NOT_FOUND, spawnBound } from '../bound-process.ts';
import type { Clock } from '../clock.ts';
import { CaError } from '../errors.ts';
import { resolved, startFeed } from '../recording/camera-probe.ts';
import { cameraInput, FEED_FD } from '../recording/ffmpeg-args.ts';
import { type Fault, faultThrown } from './fault.ts';
import { PictureCount } from './picture-count.ts';
import type { Row } from './rows.ts';

/** Pictures are counted for this long. Milliseconds. */
const COUNTED = 2_000;
/** A camera on the network is given this long for its first picture, or for its next. Milliseconds. */
const PATIENCE = 12_000;
/** Until a camera that failed is tried again. Milliseconds. */
const AGAIN = 3_000;
/** What is kept of ffmpeg's last words, in characters. */
const LAST_WORDS = 300;

/** A camera that is opened once, for size and rate of its pictures. Tried again until they come. Nothing is kept. */
export class CameraTest {
  readonly #driver: string;
  readonly #camera: CameraSource;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #count = new PictureCount();
  #done = false;
  #now: Fault | null = null;
  #last: Fault | null = null;

  constructor(driver: string, camera: CameraSource, clock: Clock) {
    this.#driver = driver;
    this.#camera = camera;
    this.#clock = clock;
  }

  start(): void {
    this.#running = this.#untilItWorks(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  row(): Row {
    const { pictures, rate, format, size } = this.#count;
    const seen = rate !== null && !this.#now;
    return {
      kind: 'camera',
      driver: this.#driver,
      name: this.#camera.name,
      state: seen ? (this.#done ? 'SEEN' : 'SEES') : '?',
      facts: [
        ...(pictures > 0 ? [`${format}, ${pictures} pictures, ${rate?.toFixed(1) ?? '?'} a second`] : []),
        ...(this.#last ? [`last fault: ${this.#last.what}`] : []),
      ],
      lastFault: this.#last?.what ?? null,
      ...(this.#now
        ? { verdict: 'FAULT', remedy: this.#now.remedy }
        : seen
          ? { verdict: 'OK', remedy: null }
          : {
              verdict: 'NOTHING HEARD',
              remedy: 'No picture has come yet: watch for longer with `--for 20s`.',
            }),
      figures: { size, rate: rate && Math.round(rate * 10) / 10, pictures },
    };
  }

  async #untilItWorks(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const fault = await this.#once(signal).then(() => null, faultThrown);
      if (signal.aborted) return;
      this.#now = fault;
      if (!fault) {
        this.#done = true;
        return;
      }
      this.#last = fault;
      await this.#clock.sleep('camera test', AGAIN, signal).catch(() => {});
    }
  }

  /** Resolves when pictures were counted for long enough, or when aborted. */
  async #once(signal: AbortSignal): Promise<void> {
    const count = new PictureCount();
    const input = await resolved(this.#camera, signal);
    if (signal.aborted) return;
    const args = ['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'error', ...cameraInput(input)];
    const output = ['-map', '0:v:0', '-c', 'copy', '-flush_packets', '1', '-f', 'framecrc', 'pipe:1'];
    const ffmpeg = spawnBound(
      'ffmpeg',
      [...args, ...output],
      ['ignore', 'pipe', 'pipe', 'ignore', input.feed ? 'pipe' : 'ignore'],
    );
    const feed = input.feed ? startFeed(input.feed, ffmpeg.stdio[FEED_FD] as Writable) : null;
    const kill = () => ffmpeg.kill('SIGKILL');
    signal.addEventListener('abort', kill);
    const patience = () => this.#clock.after('camera test', PATIENCE, kill);
    let watchdog = patience();
    (ffmpeg.stdout as Readable).setEncoding('utf8').on('data', (text: string) => {
      count.push(text, this.#clock.now().mono);
      if (count.pictures === 0) return;
      this.#count = count;
      watchdog.cancel();
      watchdog = patience();
      if (count.counted >= COUNTED) kill();
    });
    try {
      const end = await ending(ffmpeg);
      if (!signal.aborted && count.counted < COUNTED) throw this.#lost(end, count);
    } finally {
      watchdog.cancel();
      signal.removeEventListener('abort', kill);
      feed?.kill('SIGKILL');
    }
  }

  #lost({ code, lastWords }: Ending, { pictures }: PictureCount): CaError {
    const { name } = this.#camera;
    if (code === NOT_FOUND || code === null) {
      return new CaError('CA_TOOL_MISSING', `${name}: ${lastWords}`, {
        remedy: 'Install the Debian packages ffmpeg and util-linux.',
      });
    }
    const said = lastWords.replaceAll('\n', '; ');
    const silent = `no picture for ${PATIENCE / 1_000} s`;
    const ended = pictures > 0 ? `it ended after ${pictures} pictures` : 'it ended without a picture';
    return new CaError('CA_CAMERA_LOST', `${name}: ${said || (code === 'SIGKILL' ? silent : ended)}`);
  }
}

interface Ending {
  /** The exit code, or the signal; null: it could not be started. */
  readonly code: number | string | null;
  readonly lastWords: string;
}

function ending(child: ChildProcess): Promise<Ending> {
  let lastWords = '';
  (child.stderr as Readable).setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, lastWords: error.message }));
    child.once('close', (code, killed) => resolve({ code: code ?? killed, lastWords: lastWords.trim() }));
  });
}
