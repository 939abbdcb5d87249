import { setTimeout as sleep } from 'node:timers/promises';
import type { EndReason } from '../../device/contacts/model.ts';
import { Actor } from './actor.ts';
import { bootAnew, loseRing } from './power-cut.ts';
import { type Rig, SETTINGS, until } from './rig.ts';
import type { RunningService } from './service.ts';

/**
 * What is killed with -9: the ffmpeg that captures, the one that makes the clip, the service (whose ffmpegs the kernel
 * ends), all at once; `ring`: the service, and what was in RAM is lost; `boot`: so it is, and the machine boots anew,
 * with another boot id and its monotonic clock near 0.
 */
export const KINDS = ['capture', 'muxer', 'service', 'all', 'ring', 'boot'] as const;
export type Kind = (typeof KINDS)[number];

/** One patient and one kill. Milliseconds. */
export interface Act {
  readonly kind: Kind;
  /** From arrival to departure, and from departure to the next act. */
  readonly stay: number;
  readonly gap: number;
  /** The kill, counted from the arrival. */
  readonly at: number;
  /** The patient is still there when the service is back. */
  readonly waits: boolean;
  /** The service is started, and killed again so long after; null: once is enough. */
  readonly again: number | null;
}

/** One contact as it must have been counted: wall clock. Where it cannot be known exactly, from the least to the most. */
export interface Expected {
  readonly act: Act;
  /** False where there was nothing to kill. */
  readonly killed: boolean;
  readonly began: readonly [number, number];
  readonly ended: readonly [number, number];
  readonly reasons: readonly EndReason[];
  /** When the patient left; null: after the kill. */
  readonly left: number | null;
  /** The kill, where it ended the service; else null. */
  readonly cut: number | null;
  /** Since when the camera has been recorded without interruption when the contact began. */
  readonly seenSince: number;
  /** No kill but of this moment disturbed what was captured; null: none did. */
  readonly blinded: number | null;
}

/** Longer than what a kill may cost: who loses the whole post-roll is found out. */
export const POST_ROLL = 1_500;
/** How far the service's times may be from the actor's, on a machine with much to do. */
const TOLERANCE = 600;
/** The end of a contact that a kill ended is known to its last sign of life (`Housekeeping`), which a busy disk delays. */
const SIGN_OF_LIFE = 5_500;
/** After the start of the service: until the line is open and the level has been told. */
const LISTENING = 3_000;

/** One act for each of `kinds`, in random order, of random length, with its kill at a random moment. */
export function scheduleOf(random: () => number, kinds: readonly Kind[]): Act[] {
  const between = (from: number, to: number) => Math.round(from + random() * (to - from));
  const left = [...kinds];
  return kinds.map(() => {
    const [kind = 'service'] = left.splice(Math.floor(random() * left.length), 1);
    const stay = between(1_500, 8_500);
    const gap = between(1_500, 4_000);
    const moment = random();
    // An arrival that is about to be believed may be believed or not: nobody could say which is right.
    const during = between(SETTINGS.arrivalConfirm + 300, stay);
    const at = moment < 0.1 ? between(-500, 150) : moment < 0.8 ? during : between(stay, stay + gap - 300);
    return {
      ...{ kind, stay, gap, waits: random() < 0.3, again: random() < 0.25 ? between(50, 1_500) : null },
      // The clip is made from the first segment after the arrival on, until shortly after the departure.
      at: kind === 'muxer' ? between(Math.min(2_500, stay), stay + 500) : at,
    };
  });
}

/** Plays acts at a desk whose service runs; resolves with what must have been counted. */
export async function playKills(
  rig: Rig,
  acts: readonly Act[],
  service: RunningService,
): Promise<Expected[]> {
  const player = new Player(rig, service);
  for (const act of acts) await player.play(act);
  player.actor.stop();
  return player.expected;
}

class Player {
  readonly actor: Actor;
  readonly expected: Expected[] = [];
  readonly #rig: Rig;
  #service: RunningService;
  #seenSince = Date.now();

  constructor(rig: Rig, service: RunningService) {
    this.#rig = rig;
    this.#service = service;
    this.actor = new Actor(rig.pty);
  }

  async play(act: Act): Promise<void> {
    const begin = Date.now() + 600;
    const seenSince = this.#seenSince;
    const wait = (ms: number) => sleep(Math.max(0, begin + ms - Date.now()));
    const was = { arrived: Number.NaN, left: Number.NaN, killed: null as Killed | null, seenSince };
    const arrive = async () => {
      was.arrived = await this.actor.arrive();
    };
    const kill = async () => {
      const confirmed = act.at > SETTINGS.arrivalConfirm && act.at < act.stay;
      was.killed = await this.#kill(act, confirmed && !act.waits ? () => this.actor.leave() : null);
    };
    const leave = async () => {
      const { killed } = was;
      // Whoever waits for the service is seen by it.
      if (killed?.ready && killed.left === null)
        await sleep(Math.max(0, killed.ready + LISTENING + 500 - Date.now()));
      was.left = killed?.left ?? (await this.actor.leave());
    };
    const steps = [
      { ms: 0, step: arrive },
      { ms: act.at, step: kill },
      { ms: act.stay, step: leave },
    ].sort((a, b) => a.ms - b.ms);
    for (const { ms, step } of steps) {
      await wait(ms);
      await step();
    }
    this.expected.push(...expectedOf(act, was));
    await sleep(act.gap);
  }

  /** `dark` happens while no service runs. */
  async #kill(act: Act, dark: (() => Promise<number>) | null): Promise<Killed> {
    const service = this.#service;
    const { kind } = act;
    if (kind === 'capture' || kind === 'muxer') {
      const victim = await this.#ffmpeg(kind);
      const at = Date.now();
      if (victim !== null) kill9(victim);
      if (kind === 'capture') this.#seenSince = at;
      return { at: victim === null ? null : at, left: null, ready: null };
    }
    const at = Date.now();
    if (kind === 'all') for (const { pid } of service.processes()) kill9(pid);
    await service.kill();
    const left = dark && (await dark());
    await until('all that the service started has ended', () => service.processes().length === 0, 2_000);
    if (kind === 'ring') loseRing(this.#rig);
    if (kind === 'boot') await bootAnew(this.#rig, 15 + Math.round(Math.random() * 60));
    if (act.again !== null) await this.#rig.startInVain(act.again);
    this.#service = await this.#rig.start();
    await this.actor.tell();
    this.#seenSince = Date.now();
    return { at, left, ready: this.#seenSince };
  }

  /** The pid of the ffmpeg of a kind, as soon as there is one; null when there is none within a second and a half. */
  async #ffmpeg(kind: 'capture' | 'muxer'): Promise<number | null> {
    const is = kind === 'capture' ? / -f segment / : /^ffmpeg .*-f mp4 /;
    for (let tries = 0; tries < 30; tries++) {
      const found = this.#service
        .processes()
        .find(({ command }) => command.startsWith('ffmpeg') && is.test(command));
      if (found) return found.pid;
      await sleep(50);
    }
    return null;
  }
}

interface Killed {
  /** null: there was nothing to kill. */
  readonly at: number | null;
  /** When the patient left in the dark, and when the service was back. */
  readonly left: number | null;
  readonly ready: number | null;
}

function expectedOf(
  act: Act,
  was: { arrived: number; left: number; killed: Killed | null; seenSince: number },
): Expected[] {
  const { arrived, left, killed, seenSince } = was;
  const near = (wall: number) => [wall - TOLERANCE, wall + TOLERANCE] as const;
  const departed = { left, reasons: ['departed'] as const, ended: near(left), blinded: null };
  const whole = { act, killed: killed?.at != null, began: near(arrived), cut: null, seenSince, ...departed };
  if (killed?.at == null) return [whole];
  const { at: cut, ready } = killed;
  if (ready === null) return [{ ...whole, blinded: act.kind === 'capture' ? cut : null }];

  const back = {
    act,
    killed: true,
    cut: null,
    began: [cut, ready + LISTENING] as const,
    seenSince: ready,
    ...departed,
  };
  if (cut < arrived + SETTINGS.arrivalConfirm) return [back];
  if (cut > left && killed.left === null) {
    const since = cut - left - SETTINGS.departureConfirm;
    const told = since > TOLERANCE ? ['departed' as const] : ['power-loss' as const, 'departed' as const];
    return [{ ...whole, cut, reasons: since < -TOLERANCE ? ['power-loss'] : told }];
  }
  const ended = [Math.max(arrived, cut - SIGN_OF_LIFE), cut + 50] as const;
  const lost: Expected = { ...whole, cut, ended, left: null, reasons: ['power-loss'] };
  return killed.left === null ? [lost, back] : [lost];
}

function kill9(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Another one's death was its own.
  }
}
