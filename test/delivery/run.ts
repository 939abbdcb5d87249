import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '../stand-ins/random.ts';
import { begin } from './faults.ts';
import { type Act, PARTS, type Part, scheduleOf } from './schedule.ts';
import { counted, hadBy, progress, toldBy } from './truth.ts';
import { verdictOf } from './verdict.ts';
import { DEVICE, startWorld, type World } from './world.ts';

export interface DeliveryOptions {
  readonly seed: number;
  /** How long things go wrong, ms. */
  readonly chaos: number;
  /** Within how long, ms, everything must have arrived once nothing is wrong any more. */
  readonly settle: number;
  /** The broker keeps on its disk what it has. */
  readonly persistent: boolean;
}

/** How long (ms) a fault waits for somebody to befall: who has just died is coming back. */
const LONGEST_WAIT = 5_000;

/** What a run has shown. */
export interface DeliveryRun {
  readonly contacts: number;
  readonly presses: number;
  readonly events: number;
  /** Faults that did befall somebody, by whom and how, such as `hub link cut`. */
  readonly faults: Readonly<Record<string, number>>;
  /** Until everything had arrived, ms. */
  readonly settled: number;
  readonly wrong: readonly string[];
}

/** Patients come and go while a schedule of faults is played; then all is mended, and what has arrived is judged. */
export async function runDelivery(options: DeliveryOptions): Promise<DeliveryRun> {
  const random = randomOf(options.seed);
  const acts = scheduleOf(random, options.chaos);
  const world = await startWorld(random, options.persistent);
  try {
    const begun = performance.now();
    const faults: Record<string, number> = {};
    const count = ({ part, kind }: Act) => {
      faults[`${part} ${kind}`] = (faults[`${part} ${kind}`] ?? 0) + 1;
    };
    const actsOf = (part: Part) => acts.filter((act) => act.part === part);
    await Promise.all(PARTS.map((part) => play(world, actsOf(part), begun, count)));
    await world.calm();
    const settled = await settle(world, options.settle);
    const told = toldBy(world.data, DEVICE);
    const wrong = verdictOf(told, await hadBy(world.databaseUrl, DEVICE));
    if (wrong.length > 0) report(world, acts, wrong);
    const { contacts, presses, newest: events } = told;
    return { contacts: contacts.length, presses: presses.length, events, faults, settled, wrong };
  } finally {
    await world.stop();
  }
}

/** The faults of one part, one after the other; `count` is told of each that did something. */
async function play(
  world: World,
  acts: readonly Act[],
  begun: number,
  count: (act: Act) => void,
): Promise<void> {
  for (const act of acts) {
    const { part, kind, at, lasts } = act;
    await sleep(Math.max(0, begun + at - performance.now()));
    const end = performance.now() + LONGEST_WAIT;
    let mend = await begin(world, part, kind);
    while (mend === null && performance.now() < end) {
      await sleep(50);
      mend = await begin(world, part, kind);
    }
    if (mend === null) continue;
    count(act);
    await sleep(lasts);
    await mend();
  }
}

/** Waits until the hub has acknowledged everything; resolves with how long that took, at most `limit`, ms. */
async function settle({ data }: World, limit: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const { newest, acknowledged, waiting } = progress(data);
    const passed = performance.now() - begun;
    if ((acknowledged === newest && waiting === 0) || passed > limit) return Math.round(passed);
    await sleep(100);
  }
}

function report(world: World, acts: readonly Act[], wrong: readonly string[]): void {
  console.log(`${counted(world.data)} contacts; wrong: ${wrong.length}`);
  console.table(acts);
  console.log(wrong.slice(0, 40).join('\n'));
  console.log(['the hub said:', ...world.hub.lines.slice(-40)].join('\n'));
  const said = world.lines().filter((line) => line.startsWith('{'));
  console.log(['the service said:', ...said.slice(-40)].join('\n'));
}
