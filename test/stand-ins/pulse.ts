import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A sound card that a test plays into, and `arecord` records from, live. Silent while nothing plays. */
export interface Pulse {
  /** For `arecord -D`, with `env` set. */
  readonly device: string;
  /** To be added to the environment of whatever starts arecord (the service, or the test's own process.env). */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Speaks into the microphone: S16LE PCM of all its channels, from a buffer or from a stream such as a child's stdout. Resolves when the
   * last sample has been heard; rejects when the card vanishes under it. A buffer is heard 20 to 150 ms after the call, a
   * live stream 0.2 s after it is written.
   */
  play(pcm: Buffer | Readable, options?: { rate?: number }): Promise<void>;
  /** Pulls the card out: recorders of it end with an error. */
  unplug(): Promise<void>;
  /** Puts it back. */
  plug(): Promise<void>;
  /** The card hangs: recorders get nothing, and no error either. */
  freeze(): void;
  /** It goes on. */
  thaw(): void;
  /** Ends everything and removes its files. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a PulseAudio of its own with a null sink, whose monitor is the microphone (Debian packages `pulseaudio
 * pulseaudio-utils libasound2-plugins alsa-utils`). It needs no D-Bus, runs as any user and touches no file outside its
 * temporary folder.
 */
export async function startPulse({ channels = 1 }: { channels?: 1 | 2 } = {}): Promise<Pulse> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-'));
  const socket = join(folder, 'native');
  const script = join(folder, 'pulse.pa');
  const asound = join(folder, 'asound.conf');
  await mkdir(join(folder, 'home'));
  await writeFile(
    script,
    [
      // Without norewinds the monitor is mute for up to 2 s after it is opened.
      `load-module module-null-sink sink_name=desk rate=48000 channels=${channels} format=s16le norewinds=1`,
      'set-default-sink desk',
      'set-default-source desk.monitor',
      // Last: once the socket is there, so is the microphone.
      `load-module module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
      '',
    ].join('\n'),
  );
  // The server is named here, so the recorder needs no PULSE_SERVER; alsa.conf first, for the plugin's hooks.
  await writeFile(
    asound,
    `</usr/share/alsa/alsa.conf>\npcm.desk { type pulse server "unix:${socket}" device "desk.monitor" }\n`,
  );
  // Clients of PulseAudio write a cookie and a runtime folder: here instead of in the user's home.
  const env = {
    ALSA_CONFIG_PATH: asound,
    PULSE_RUNTIME_PATH: join(folder, 'run'),
    XDG_CONFIG_HOME: join(folder, 'home'),
  };
  const privately = { ...process.env, ...env };
  let daemon: ChildProcess | null = null;

  async function plug(): Promise<void> {
    if (daemon) return;
    const args = [
      '-n',
      '-F',
      script,
      '--daemonize=no',
      '--use-pid-file=no',
      '--exit-idle-time=-1',
      '--log-level=error',
    ];
    // With the test's process gone nobody would end the daemon: the kernel does.
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', 'pulseaudio', ...args], {
      env: privately,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(started, 'spawn');
    daemon = started;
    for (let tries = 0; !existsSync(socket); tries++) {
      if (started.exitCode !== null || tries === 1_000) throw new Error('PulseAudio did not start');
      await sleep(10);
    }
  }

  async function unplug(): Promise<void> {
    const ending = daemon;
    if (!ending) return;
    daemon = null;
    if (ending.exitCode === null && ending.signalCode === null) {
      ending.kill('SIGKILL');
      await once(ending, 'exit');
    }
    await rm(socket, { force: true });
  }

  await plug();
  return {
    device: 'desk',
    env,
    plug,
    unplug,
    freeze: () => daemon?.kill('SIGSTOP'),
    thaw: () => daemon?.kill('SIGCONT'),
    async play(pcm, { rate = 16_000 } = {}) {
      // Less than 100 ms of latency left gaps in the sound on a busy machine of two cores.
      const args = [
        '--playback',
        '--raw',
        '--format=s16le',
        `--channels=${channels}`,
        `--rate=${rate}`,
        '--latency-msec=200',
      ];
      const player = spawn('pacat', [...args, `--server=unix:${socket}`, '--device=desk'], {
        env: privately,
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      const exit = once(player, 'exit');
      await pipeline(Buffer.isBuffer(pcm) ? [pcm] : pcm, player.stdin);
      const [code] = await exit;
      if (code !== 0) throw new Error(`pacat ended with ${code}`);
    },
    async stop() {
      await unplug();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
