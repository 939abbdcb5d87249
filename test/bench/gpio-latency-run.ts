import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gpio } from 'onoff';
import { systemClock } from '../../device/clock.ts';
import { openGpioInput } from '../../drivers/gpio/open.ts';

/**
 * Two lines of the header at base 512, one after the other in an order by chance: 17 is the service's driver, 22 a bare `onoff`. Prints how long after the
 * beginning of the write that changes the level each says so: `{"driver": […], "bare": […]}`, milliseconds.
 */
const samples = Number(process.argv[2]);
const SIM = '/sys/class/gpio/sim';

let told: (() => void) | null = null;
const config = { line: 17, activeLow: false, backend: 'onoff', debounce: 0 } as const;
const driver = openGpioInput({ driver: 'gpio-presence', ...config }, systemClock);
const found = new Promise<void>((resolve) => {
  driver.start(() => (told ? told() : resolve()));
});
const bare = new Gpio(512 + 22, 'in', 'both');
bare.watch(() => told?.());
await found;

async function sample(line: number, level: number): Promise<number> {
  let end = 0;
  const heard = new Promise<void>((resolve) => {
    told = () => {
      end = performance.now();
      resolve();
    };
  });
  const begin = performance.now();
  writeFileSync(SIM, `level ${line} ${level}`);
  await heard;
  // By chance, so that the two meet the machine's other work alike.
  await sleep(2 + 3 * Math.random());
  return end - begin;
}

const times: { driver: number[]; bare: number[] } = { driver: [], bare: [] };
for (let n = 0; n < 20 + samples; n++) {
  const level = 1 - (n % 2);
  const lines = Math.random() < 0.5 ? ([17, 22] as const) : ([22, 17] as const);
  for (const line of lines) {
    const time = await sample(line, level);
    // The first ones compile.
    if (n >= 20) (line === 17 ? times.driver : times.bare).push(time);
  }
}
console.log(JSON.stringify(times));
bare.unexport();
await driver.stop();
