import { createInterface } from 'node:readline';
import { systemClock } from '../../device/clock.ts';
import { messageOf } from '../../device/errors.ts';
import { openGpioInput, openGpioLamp } from '../../drivers/gpio/open.ts';

/**
 * The wires of a desk as a process of its own, for a test to start within a machine that has them:
 * `node gpio-desk.ts '{"inputs": […], "lamp": …}'` with entries of the config. It prints a JSON line for each event; each
 * line that it reads is a question, answered by one: health, lit?, light, dark, close, stop, die.
 */
const { inputs = [], lamp } = JSON.parse(process.argv[2] ?? '{}');
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const drivers = inputs.map((input: never) => openGpioInput(input, systemClock));
const light = lamp ? openGpioLamp(lamp, systemClock) : null;
for (const [input, driver] of drivers.entries())
  driver.start((event: object) => say({ event, input, heard: systemClock.now() }));

const answers: Record<string, () => unknown> = {
  health: () => drivers.map((driver: { health(): unknown }) => driver.health()),
  'lit?': () => light?.read(),
  light: () => light?.set(true),
  dark: () => light?.set(false),
  close: () => light?.close(),
  stop: () => Promise.all(drivers.map((driver: { stop(): Promise<void> }) => driver.stop())),
  die: () => process.kill(process.pid, 'SIGKILL'),
};

createInterface(process.stdin)
  .on('line', async (question) => {
    try {
      say({ answer: (await answers[question]?.()) ?? null });
    } catch (error) {
      const { code, remedy } = error as { code?: string; remedy?: string };
      say({ error: { code, remedy, message: messageOf(error) } });
    }
  })
  .on('close', () => process.exit());
say({ ready: true });
