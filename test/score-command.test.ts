import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { ScoredFile } from '../device/score/scored-file.ts';
import type { Summary } from '../device/score/summary.ts';
import { inTerminal } from './stand-ins/terminal.ts';

/** The command itself, with real recordings, ffmpeg and nets. */

const root = resolve(import.meta.dirname, '..');
const CLI = join(root, 'device/cli.ts');
const ASTRONAUT = join(root, '.cache/media/astronaut.png');
const DIALOGUE = join(root, '.cache/demo/dialogue.wav');

let folder: string;
const ffmpeg = (...args: string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-score-'));
  const sway = "zoompan=z='1.4':x='iw*0.12+10*sin(on/15)':y='0':d=1:s=320x240:fps=10,format=yuv420p";
  ffmpeg('-i', ASTRONAUT, '-vf', 'scale=320:320', 'happy.jpg');
  // ffmpeg would take it for a series of pictures.
  renameSync(join(folder, 'happy.jpg'), join(folder, 'happy 100%d.jpg'));
  const video = ['-loop', '1', '-i', ASTRONAUT, '-i', DIALOGUE, '-t', '3', '-vf', sway];
  ffmpeg(...video, '-preset', 'ultrafast', 'desk.mp4');
  // The patient on the left, nobody on the right.
  ffmpeg('-t', '4', '-i', DIALOGUE, '-af', 'pan=stereo|c0=c0|c1=0*c0', 'two.wav');
  const cover = ['-i', ASTRONAUT, '-map', '0:a', '-map', '1:v', '-disposition:v', 'attached_pic'];
  ffmpeg('-t', '2', '-i', DIALOGUE, ...cover, '-s', '64x64', '-c:v', 'mjpeg', 'cover.mp3');
  ffmpeg('-i', 'desk.mp4', '-c', 'copy', '-bsf:v', 'noise=drop=1', 'blind.mkv');
  copyFileSync(join(folder, 'desk.mp4'), join(folder, 'again.mp4'));
  writeFileSync(join(folder, 'notes.mp4'), 'no video at all');
  writeFileSync(join(folder, 'empty.jpg'), '');
  mkdirSync(join(folder, 'more'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** On a busy machine: each run of the command loads its nets. */
const LONG = 90_000;

interface Printed {
  code: number;
  lines: (ScoredFile & { error?: string; remedy?: string })[];
  summary: Summary;
  out: string;
  err: string;
}

function score(...args: string[]): Promise<Printed> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [CLI, 'score', ...args], { cwd: folder }, (_, out, err) => {
      const told = out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      const { summary } = told.pop() ?? {};
      done({ code: child.exitCode ?? -1, lines: told, summary, out, err });
    });
  });
}

const labels = (name: string, ...rows: string[]) =>
  writeFileSync(join(folder, name), ['file,label', ...rows, ''].join('\n'));

test('pictures, videos and sound are scored, and compared with their labels', { timeout: LONG }, async () => {
  labels(
    'labels.csv',
    '"happy 100%d.jpg",positive',
    'desk.mp4,negative',
    'two.wav,neutral',
    'gone.mp4,neutral',
  );
  const files = ['happy 100%d.jpg', 'desk.mp4', 'two.wav', 'cover.mp3', 'again.mp4'];
  const { code, lines, summary, err } = await score(...files, '--labels', 'labels.csv', '--patient', 'left');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(lines.map(({ file, kind }) => [file, kind])).toEqual([
    ['happy 100%d.jpg', 'picture'],
    ['desk.mp4', 'video'],
    ['two.wav', 'sound'],
    ['cover.mp3', 'sound'],
    ['again.mp4', 'video'],
  ]);
  const [picture, video, two, mono, again] = lines;
  // What is said of a file depends on nothing but the file.
  expect(again).toEqual({ ...video, file: 'again.mp4' });
  expect(picture).toMatchObject({
    duration: null,
    sound: null,
    hint: null,
    face: { kind: 'picture', others: 0 },
  });
  expect(picture?.face).toHaveProperty('shows.positive', expect.closeTo(1, 1));
  expect(video).toMatchObject({
    face: { kind: 'face', summary: { looked: 15, dropped: 0, verdict: 'positive' } },
  });
  expect(video?.face).toHaveProperty('bins.length', 3);
  expect(video?.face?.models).toHaveLength(2);
  expect(video?.duration).toBeCloseTo(3, 1);
  expect(video?.sound?.summary.heard).toBeCloseTo(3, 1);
  expect(video?.hint?.kind).toBeNull();
  expect(two?.sound?.summary).toMatchObject({ conversation: { receptionist: 0 } });
  expect(two?.sound?.summary.heard).toBeCloseTo(4, 6);
  expect(two?.sound?.summary.speech).toBeGreaterThan(0.3);
  expect(mono).toMatchObject({ face: null, sound: { summary: { conversation: 'not available' } } });

  expect(summary).toMatchObject({
    files: { picture: 1, video: 2, sound: 2, failed: 0 },
    answers: { negative: 0, neutral: 0, positive: 3, unknown: 2 },
    labels: {
      matrix: { negative: { positive: 1 }, neutral: { unknown: 1 }, positive: { positive: 1 } },
      accuracy: 1 / 3,
      unknown: 1 / 3,
      unlabelled: ['cover.mp3', 'again.mp4'],
      unscored: ['gone.mp4'],
    },
  });
  // 2 · 1 / (1 + 2) of positive, and nothing of the two others.
  expect(summary.labels?.macroF1).toBeCloseTo(2 / 9, 9);
});

test('what cannot be scored is told with a remedy, the others go on, and the exit code is 1', {
  timeout: LONG,
}, async () => {
  const bad = ['notes.mp4', 'empty.jpg', 'more', 'gone.mp4', 'blind.mkv'];
  const { code, lines, summary } = await score(...bad, 'happy 100%d.jpg', 'desk.mp4', '--zone', '0,0.6,1,1');
  expect(code).toBe(1);
  expect(lines.map(({ file, error }) => [file, error ?? null])).toEqual([
    ['notes.mp4', expect.stringContaining('cannot be decoded: ')],
    ['empty.jpg', 'is empty'],
    ['more', 'is a folder'],
    ['gone.mp4', expect.stringContaining('ENOENT')],
    ['blind.mkv', expect.stringContaining('cannot be decoded: ')],
    ['happy 100%d.jpg', null],
    ['desk.mp4', null],
  ]);
  for (const { error, remedy } of lines) expect(remedy === undefined).toBe(error === undefined);
  // The face is above the zone.
  expect(lines.at(-2)?.face).toMatchObject({ shows: 'no-face' });
  expect(lines.at(-1)?.face).toMatchObject({ summary: { looked: 15, scored: 0, verdict: 'unknown' } });
  expect(summary).toMatchObject({ files: { picture: 1, video: 1, failed: 5 }, answers: { unknown: 2 } });
});

test('wrong labels are told before anything is scored', async () => {
  labels('wrong.csv', 'two.wav,furious');
  const wrong = await score('two.wav', '--labels', 'wrong.csv');
  expect(wrong).toMatchObject({ code: 65, out: '', err: expect.stringContaining('line 2: "furious"') });
});

test('a person reads the summary as text', async () => {
  labels('labels.csv', 'gone.wav,neutral');
  const command = [
    process.execPath,
    CLI,
    'score',
    join(folder, 'gone.wav'),
    '--labels',
    join(folder, 'labels.csv'),
  ];
  const terminal = inTerminal(command, 120, 40);
  onTestFinished(() => terminal.stop());
  expect(await terminal.ended).toBe(1);
  const text = terminal.screen().join('\n');
  expect(text).toMatch(/not readable 1\b/);
  expect(text).toMatch(/^label +negative +neutral +positive +unknown/m);
  expect(text).toContain('has a label and was not scored: gone.wav');
});

/** The process ids of what a process has started. */
function childrenOf({ pid }: ChildProcess): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Not one that has ended and that nobody has asked about yet: its command line is empty. */
function isFfmpeg(pid: number): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').startsWith('ffmpeg');
}

test('Ctrl-C ends it at once, and leaves no ffmpeg', { timeout: LONG }, async () => {
  // Far longer than a moment to score, and made in one.
  ffmpeg('-stream_loop', '400', '-i', 'desk.mp4', '-vn', '-c', 'copy', 'long.m4a');
  const child = spawn(process.execPath, [CLI, 'score', 'long.m4a'], { cwd: folder, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = await vi.waitFor(
    () => {
      const found = childrenOf(child).find(isFfmpeg);
      if (found === undefined) throw new Error('no ffmpeg yet');
      return found;
    },
    { timeout: 20_000, interval: 50 },
  );
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  await vi.waitFor(() => expect(isFfmpeg(pid)).toBe(false), { timeout: 2_000, interval: 20 });
});
