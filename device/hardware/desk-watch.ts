import type { Config, DeskConfig } from '../../config/schema.ts';
import { readSecret } from '../../config/secret.ts';
import { type InputConfig, openCamera, openMicrophone, openWires } from '../../drivers/open.ts';
import type { InputDriver } from '../../drivers/types.ts';
import type { Clock } from '../clock.ts';
import { CameraTest } from './camera-test.ts';
import { faultThrown } from './fault.ts';
import { type InputKind, kindOf } from './input-kinds.ts';
import { LampTest } from './lamp-test.ts';
import { MicrophoneTest } from './microphone-test.ts';
import { notTried, type Row } from './rows.ts';
import { type Heard, hear, inputRow, NOTHING, note } from './watch.ts';

/** What is read of a device while it is watched. */
interface Watched {
  row(): Row;
  stop(): Promise<void>;
}

/** All devices of a desk, opened by its drivers and read. */
export class DeskWatch {
  readonly #devices: Watched[];
  readonly #lamps: LampTest[];

  /** @throws CaError CA_CONFIG_INVALID for what can never be opened */
  constructor(desk: DeskConfig, capture: Config['recording']['capture'], clock: Clock) {
    const wires = openWires(desk, { clock, readSecret, tablet: elsewhere, faces: elsewhere });
    const buttons = Object.keys(desk.buttons);
    const lamp = (kind: 'lamp' | 'acknowledge') => {
      const [config, opened] = [desk[kind], wires[kind]];
      return config && opened ? [new LampTest(kind, config.driver, opened, clock)] : [];
    };
    this.#lamps = [...lamp('lamp'), ...lamp('acknowledge')];
    this.#devices = [
      ...wires.inputs.map((driver, index) => watchInput(driver, desk.inputs[index], buttons, clock)),
      ...this.#lamps,
      ...(desk.camera ? [watchCamera(desk.camera, capture, clock)] : []),
      ...(desk.microphone ? [watchMicrophone(desk.microphone, capture, clock)] : []),
    ];
    this.blink();
  }

  /** Tries the lamps once more. */
  blink(): void {
    for (const lamp of this.#lamps) lamp.blink();
  }

  rows(): Row[] {
    return this.#devices.map((device) => device.row());
  }

  /** Resolves when all hardware is let go of. */
  async stop(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.stop()));
  }
}

/** In the place of a driver that is served or fed by something that only the service has. */
function elsewhere({ driver }: InputConfig): InputDriver {
  return { name: driver, start() {}, async stop() {}, health: () => ({ status: 'ok' }) };
}

function watchInput(
  driver: InputDriver,
  config: InputConfig | undefined,
  buttons: readonly string[],
  clock: Clock,
): Watched {
  if (!config) throw new Error('an input without its config');
  const kind: InputKind = kindOf(config, buttons);
  if (kind.elsewhere !== null) {
    const { elsewhere: where } = kind;
    return unopened(notTried({ kind: 'input', driver: kind.driver, name: driver.name }, where));
  }
  let heard: Heard = NOTHING;
  const look = () => {
    const health = driver.health();
    heard = note(heard, health, clock.now().mono);
    return health;
  };
  driver.start((event) => {
    heard = hear(heard, event, buttons);
    if (event.kind === 'lost') look();
  });
  return {
    row() {
      const health = look();
      return inputRow(kind, driver.name, heard, health, clock.now().mono);
    },
    stop: () => driver.stop(),
  };
}

type Capture = Config['recording']['capture'];

function watchCamera(config: NonNullable<DeskConfig['camera']>, capture: Capture, clock: Clock): Watched {
  const at = { kind: 'camera', driver: config.driver, name: config.driver } as const;
  // What is not captured is not opened, by whatever command.
  if (capture !== 'audio+video') return unopened(notTried(at, 'off', [`recording.capture is ${capture}`]));
  try {
    const test = new CameraTest(config.driver, openCamera(config, readSecret), clock);
    test.start();
    return test;
  } catch (error) {
    const { what, remedy } = faultThrown(error);
    const facts = [`last fault: ${what}`];
    return unopened({ ...notTried(at, '?', facts), lastFault: what, verdict: 'FAULT', remedy });
  }
}

function watchMicrophone(
  config: NonNullable<DeskConfig['microphone']>,
  capture: Capture,
  clock: Clock,
): Watched {
  const at = { kind: 'microphone', driver: config.driver, name: config.driver } as const;
  if (capture === 'counts') return unopened(notTried(at, 'off', ['recording.capture is counts']));
  const test = new MicrophoneTest(config.driver, openMicrophone(config, clock));
  test.start();
  return test;
}

function unopened(row: Row): Watched {
  return { row: () => row, stop: async () => {} };
}
