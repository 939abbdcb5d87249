import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Debian's `motion`, watching a camera: what the service's recording is measured against. */
export interface Motion {
  readonly pid: number;
  /** Begins an event, with its pre-roll. */
  eventStart(): Promise<void>;
  /** Ends it; resolves with its movie, which is gone with `stop`. */
  eventEnd(): Promise<string>;
  stop(): Promise<void>;
}

/** Unpacked by `systemd/setup.sh`: installed, it would be a service that takes the camera. */
const MOTION = join(import.meta.dirname, '../../.cache/motion/motion');
/** How long (ms) it may take to open the camera, and to close a movie. */
const PATIENCE = 20_000;

/**
 * Starts motion on an RTSP camera of 640×480 at 15 pictures a second, set up for the service's job and as cheap as it
 * can do it: the movie is made of the camera's own packets, the events are told it from outside (as the sensor tells
 * the service), so it looks for no motion itself. Resolves when it has pictures. `preCapture`: pictures before an event.
 */
export async function startMotion(camera: string, preCapture: number): Promise<Motion> {
  if (!existsSync(MOTION)) throw new Error(`${MOTION} is missing: \`sh systemd/setup.sh test\` fetches it`);
  const folder = mkdtempSync(join(tmpdir(), 'motion-'));
  const port = await freePort();
  writeFileSync(join(folder, 'motion.conf'), settings({ camera, preCapture, folder, port }));
  // A killed test leaves none behind.
  const args = ['--pdeathsig', 'KILL', MOTION, '-n', '-c', join(folder, 'motion.conf')];
  const child = spawn('setpriv', args, { stdio: 'ignore' });
  await once(child, 'spawn');
  const control = async (action: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/0/action/${action}`);
    if (!answer.ok) throw new Error(`motion does not obey: ${action}, ${answer.status}`);
    await answer.text();
  };
  const motion: Motion = {
    pid: child.pid ?? 0,
    eventStart: () => control('eventstart'),
    async eventEnd() {
      await control('eventend');
      return movieOf(folder);
    },
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const deadline = performance.now() + PATIENCE; ; await sleep(100)) {
      // Its web control says that all is well from the first moment on.
      if (/netcam_rtsp_connect: .* connected/.test(logOf(folder))) return motion;
      if (performance.now() > deadline || child.exitCode !== null)
        throw new Error(`motion has no pictures: ${logOf(folder)}`);
    }
  } catch (error) {
    await motion.stop();
    throw error;
  }
}

function settings(at: { camera: string; preCapture: number; folder: string; port: number }): string {
  return `
daemon off
setup_mode off
log_level 6
log_file ${join(at.folder, 'log')}
target_dir ${at.folder}
netcam_url ${at.camera}
netcam_params rtsp_transport=tcp
width 640
height 480
framerate 15
text_right
pause on
event_gap 0
pre_capture ${at.preCapture}
picture_output off
movie_output on
movie_max_time 0
movie_codec mp4
movie_passthrough on
movie_filename movie
webcontrol_port ${at.port}
webcontrol_localhost on
stream_port 0
`;
}

/** The movie of the event that has just ended, once motion has let go of it. */
async function movieOf(folder: string): Promise<string> {
  const moov = Buffer.from('moov');
  for (const deadline = performance.now() + PATIENCE; performance.now() < deadline; await sleep(100)) {
    const movie = readdirSync(folder).find((name) => name.endsWith('.mp4'));
    // Written last.
    if (movie && readFileSync(join(folder, movie)).includes(moov)) return join(folder, movie);
  }
  throw new Error(`motion made no movie: ${logOf(folder)}`);
}

function logOf(folder: string): string {
  const log = join(folder, 'log');
  return existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : '';
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
