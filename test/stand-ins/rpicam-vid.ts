import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A stand-in for `rpicam-vid`, made after its source (raspberrypi/rpicam-apps: core/options.cpp, output/file_output.cpp,
 * encoder/libav_encoder.cpp): it takes the options of the real one and no others, says what the real one says, and like
 * the real one on a Pi 5 has B-frames and a stdio buffer unless it is told not to. Its pictures carry their wall-clock
 * time (`clipTimes` reads it).
 */
const VALUES = [
  '-t',
  '-o',
  '-v',
  '--verbose',
  '--camera',
  '--width',
  '--height',
  '--framerate',
  '--rotation',
];
const MORE_VALUES = ['--codec', '--profile', '--intra', '--bitrate', '--level'];
const FLAGS = ['-n', '--inline', '--flush', '--help'];

/** Puts an executable `name` into a folder. `old`: of before December 2024, without --low-latency. `cameras`: so many are there. */
export async function installRpicam(
  folder: string,
  name: string,
  { old = false, cameras = 1 } = {},
): Promise<void> {
  const path = join(folder, name);
  const env = `OLD=${old ? 1 : 0} CAMERAS=${cameras}`;
  await writeFile(path, `#!/bin/sh\nexec env ${env} '${process.execPath}' '${import.meta.filename}' "$@"\n`);
  await chmod(path, 0o755);
}

function fail(what: string): never {
  process.stderr.write(`ERROR: *** ${what} ***\n`);
  process.exit(255);
}

function optionsOf(args: string[]): Map<string, string> {
  const flags = process.env.OLD === '1' ? FLAGS : [...FLAGS, '--low-latency'];
  const options = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const name = args[at] ?? '';
    if (flags.includes(name)) options.set(name, '');
    else if (![...VALUES, ...MORE_VALUES].includes(name)) fail(`unrecognised option '${name}'`);
    else options.set(name, args[++at] ?? fail(`the required argument for option '${name}' is missing`));
  }
  if (options.has('--help')) {
    const all = [...VALUES, ...MORE_VALUES, ...flags].map((name) => `  ${name} [=arg]`).join('\n');
    process.stdout.write(`Valid options are:\n${all}\n`);
    process.exit(0);
  }
  return options;
}

const BITS = 40;

/** A grey I420 picture with the time in its top 32 rows. */
function picture(width: number, height: number, ms: number): Buffer {
  const frame = Buffer.alloc((width * height * 3) / 2, 128);
  const bar = Math.floor(width / BITS);
  const row = Buffer.alloc(width, 16);
  for (let bit = 0; bit < BITS; bit++) {
    const white = Math.floor(ms / 2 ** (BITS - 1 - bit)) % 2 === 1;
    if (white) row.fill(235, bit * bar, (bit + 1) * bar);
  }
  for (let y = 0; y < 32; y++) row.copy(frame, y * width);
  return frame;
}

async function film(options: Map<string, string>): Promise<void> {
  if (Number(process.env.CAMERAS) === 0) fail('no cameras available');
  if (Number(options.get('--camera') ?? 0) >= Number(process.env.CAMERAS))
    fail('selected camera is not available');
  if (options.get('-o') !== '-') fail('the stand-in writes to its output only');
  const [width, height] = [Number(options.get('--width')), Number(options.get('--height'))];
  const rate = Number(options.get('--framerate'));
  const quick = options.has('--low-latency') || process.env.OLD === '1';
  const inOrder = options.has('--low-latency') || options.get('--profile') === 'baseline';
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', `${rate}`];
  const x264 = [
    '-preset',
    'ultrafast',
    ...(quick ? ['-tune', 'zerolatency'] : []),
    '-bf',
    inOrder ? '0' : '1',
  ];
  const coded = ['-c:v', 'libx264', ...x264, '-g', options.get('--intra') ?? '60'];
  const input = ['-probesize', '32', '-analyzeduration', '0', ...raw, '-i', 'pipe:0'];
  const output = ['-flush_packets', '1', '-f', 'h264', 'pipe:1'];
  const encoder = spawn('ffmpeg', ['-v', 'error', ...input, ...coded, ...output], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let waiting = Buffer.alloc(0);
  encoder.stdout.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    const whole = options.has('--flush') ? waiting.length : waiting.length - (waiting.length % 4096);
    process.stdout.write(waiting.subarray(0, whole));
    waiting = waiting.subarray(whole);
  });
  process.stdout.on('error', () => process.exit(255));
  const start = Date.now();
  for (let n = 1; ; n++) {
    await sleep(Math.max(0, start + (n * 1_000) / rate - Date.now()));
    encoder.stdin.write(picture(width, height, Date.now()));
  }
}

if (process.argv[1] === import.meta.filename) await film(optionsOf(process.argv.slice(2)));
