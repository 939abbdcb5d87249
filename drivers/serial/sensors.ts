import type { DeskConfig } from '../../config/schema.ts';
import { framing as ld2410 } from '../ld2410/report.ts';
import { GATE, setUp as setUpLd2410 } from '../ld2410/set-up.ts';
import { framing as ld2450 } from '../ld2450/report.ts';
import { setUpLd2450, setUpRd03d } from '../ld2450/set-up.ts';
import { framing as maxbotix } from '../maxbotix/reading.ts';
import { framing as tfLuna } from '../tf-luna/reading.ts';
import type { Framing } from './frame-parser.ts';
import type { Answer } from './radar-commands.ts';
import type { Radar } from './radar-dialogue.ts';

/** What a sensor says of presence; null: it is there and cannot tell. */
export interface SensorReading {
  readonly kind: 'reading';
  readonly present: boolean | null;
}

/** One kind of sensor, as `SerialSensor` drives it. */
export interface SensorKind {
  readonly name: string;
  readonly framing: Framing<SensorReading | Answer>;
  /** Sets it up; null where there is nothing to set up. Rejects with a CaError; may be tried again. */
  readonly setUp: ((radar: Radar) => Promise<void>) | null;
  /** What to do where the catalogue's advice does not fit. */
  readonly remedies: { readonly silent?: string; readonly dazzled?: string };
}

export type SensorConfig = Extract<
  DeskConfig['inputs'][number],
  { driver: 'ld2410' | 'ld2450' | 'rd03d' | 'tf-luna' | 'maxbotix' }
>;

/** The sensors that send frames on a serial port, out of the config. */
export function sensorKind(config: SensorConfig): SensorKind {
  const name = config.driver;
  switch (config.driver) {
    case 'ld2410': {
      const gates = Math.max(1, Math.round(config.range / GATE));
      const wanted = { gates, threshold: config.threshold ?? null };
      return { name, framing: ld2410, setUp: (radar) => setUpLd2410(radar, wanted), remedies: {} };
    }
    case 'ld2450':
      return { name, framing: ld2450(config.zone), setUp: setUpLd2450, remedies: {} };
    case 'rd03d':
      return { name, framing: ld2450(config.zone), setUp: setUpRd03d, remedies: {} };
    case 'tf-luna':
      return { name, framing: tfLuna(config), setUp: null, remedies: { dazzled: DAZZLED } };
    case 'maxbotix':
      return { name, framing: maxbotix(config.unit, config), setUp: null, remedies: { silent: UNIT } };
  }
}

const DAZZLED = 'Keep the sun and mirrors out of its sight, and glass away from its front.';
const UNIT =
  'The port is open but the sensor says nothing that fits: check its power, that its `unit` is that of the model, and that its output is TTL (RS232 models need an inverter).';
