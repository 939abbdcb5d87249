import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '../../device/clock.ts';
import { DebouncedInput } from '../../drivers/gpio/debounced-input.ts';
import { GpioButton } from '../../drivers/gpio/gpio-input.ts';
import { OnoffSource } from '../../drivers/gpio/onoff-source.ts';

/**
 * A button that bounces, in a machine with GPIO lines: `node gpio-presses.ts SEED PRESSES`. Its time is made, so that
 * a slow machine changes nothing; file system, interrupts and `onoff` are real. Prints what was pressed and what was heard.
 */
const [seed = 1, presses = 1_000] = process.argv.slice(2).map(Number);
const LINE = 22;
const DEBOUNCE = 20;
const SIM = '/sys/class/gpio/sim';

/** Mulberry32: the same numbers for the same seed. */
let state = seed;
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below;
}
const upTo = (most: number) => Math.floor(random(most + 1));

const clock = new ManualClock();
const heard: number[] = [];
const pressed: number[] = [];
const line = new DebouncedInput(new OnoffSource({ line: LINE, activeLow: true }, clock), DEBOUNCE, clock);
const button = new GpioButton(line, 'happy', clock);

let pin = 1;
function drive(level: number): void {
  pin = level;
  writeFileSync(SIM, `level ${LINE} ${level}`);
}

/** Until the driver has read the last edge. */
async function seen(): Promise<void> {
  const unread = new RegExp(`^${LINE} .* 1$`, 'm');
  do await turn();
  while (unread.test(readFileSync(SIM, 'utf8')));
}

/** A change with up to six bounces within less than the debounce; some faster than anybody can look. */
async function change(level: number): Promise<void> {
  let left = DEBOUNCE - 2;
  drive(level);
  for (let bounces = upTo(3); bounces > 0; bounces--) {
    for (const bounce of [1 - level, level]) {
      if (upTo(3) > 0) {
        await seen();
        const wait = Math.min(left, upTo(3));
        left -= wait;
        clock.advance(wait);
      }
      drive(bounce);
    }
  }
  await seen();
}

drive(1);
button.start((event) => {
  if (event.kind === 'press') heard.push(event.at.mono);
});
while (line.read() === null) await turn();

while (pressed.length < presses) {
  clock.advance(DEBOUNCE + 1 + upTo(100));
  const begin = clock.now().mono;
  await change(0);
  // Of four, three are held for long enough, if only just; the other is a glitch.
  const held = upTo(3) > 0;
  if (held) pressed.push(begin);
  clock.advance(held ? DEBOUNCE + upTo(60) : upTo(DEBOUNCE - 1));
  await change(1);
}
clock.advance(100);
const { detail } = button.health();
await button.stop();
console.log(JSON.stringify({ pressed, heard, pin, detail }));
