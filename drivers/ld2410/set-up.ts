import { COMMAND } from '../serial/radar-commands.ts';
import { bluetoothOff, type Radar } from '../serial/radar-dialogue.ts';

/** Depth of a gate in millimetres. */
export const GATE = 750;
/**
 * How long it goes on saying that somebody is there, in seconds. As short as it can be without flickering at each breath:
 * the desk has its own `departure.confirm`, and a departure is late by this.
 */
const NO_ONE = 1;
/** Below it the sensitivity to people who are still cannot be set (table 7: "not settable"), so it is no use to compare. */
const FIRST_STILL_GATE = 2;

/** How it should be set up. */
export interface Wanted {
  /** The farthest gate: 1 to 8. */
  readonly gates: number;
  /** Sensitivity of all gates, 0 to 100; null: as it is. */
  readonly threshold: number | null;
}

interface Parameters {
  movingGate: number;
  stillGate: number;
  /** Sensitivity of each gate. */
  moving: number[];
  still: number[];
  noOne: number;
}

/**
 * Sets up an LD2410: gates, no-one duration, sensitivity, basic reports, no Bluetooth. What is as it should be is not
 * written again: it is kept in flash, which wears out. @throws CaError CA_SENSOR_REFUSED
 */
export async function setUp(radar: Radar, wanted: Wanted): Promise<void> {
  let restarted = false;
  const visit = () =>
    radar.configure(async () => {
      await setParameters(radar, wanted);
      await radar.ask(COMMAND.endEngineering);
      const resolution = await coarseGates(radar);
      const bluetooth = await bluetoothOff(radar);
      restarted = resolution === 'restart' || bluetooth === 'restart';
      return restarted ? 'restart' : 'done';
    });
  await visit();
  // Restarted, it must show that it is now as asked; it is not restarted again.
  if (restarted) await visit();
}

async function setParameters(radar: Radar, wanted: Wanted): Promise<void> {
  const { gates, threshold } = wanted;
  const now = await readParameters(radar);
  const rightRange = now.movingGate === gates && now.stillGate === gates && now.noOne === NO_ONE;
  const rightSensitivity =
    threshold === null ||
    [...now.moving, ...now.still.slice(FIRST_STILL_GATE)].every((value) => value === threshold);
  if (rightRange && rightSensitivity) return;
  if (!radar.first('parameters')) {
    const kept = rightRange ? 'its sensitivity' : `gates ${now.movingGate} and ${now.stillGate}`;
    throw radar.refused(`keeps ${kept}, although it was told to use ${gates} and said yes`);
  }
  if (!rightRange) await radar.ask(COMMAND.setRange, words(gates, gates, NO_ONE));
  if (!rightSensitivity)
    await radar.ask(COMMAND.setSensitivity, words(0xffff, threshold ?? 0, threshold ?? 0));
  await setParameters(radar, wanted);
}

/** @throws CaError CA_SENSOR_REFUSED also for an answer that is none. */
async function readParameters(radar: Radar): Promise<Parameters> {
  const value = await radar.ask(COMMAND.readParameters);
  const gates = (value[1] ?? 0) + 1;
  if (value[0] !== 0xaa || value.length !== 6 + 2 * gates)
    throw radar.refused('answers the question for its parameters with something else');
  return {
    movingGate: value.readUInt8(2),
    stillGate: value.readUInt8(3),
    moving: [...value.subarray(4, 4 + gates)],
    still: [...value.subarray(4 + gates, 4 + 2 * gates)],
    noOne: value.readUInt16LE(4 + 2 * gates),
  };
}

/** A sensor that somebody set to gates of 20 cm would see a fourth of the range. */
async function coarseGates(radar: Radar): Promise<'done' | 'restart'> {
  // Firmware before protocol V1.04 has gates of 75 cm alone, and does not know the question.
  const resolution = await radar.ask(COMMAND.readResolution).catch(() => null);
  if (resolution?.[0] !== 1) return 'done';
  if (!radar.first('resolution')) throw radar.refused('keeps gates of 20 cm');
  await radar.ask(COMMAND.setResolution, Buffer.from([0, 0]));
  return 'restart';
}

/** Three values, each behind its parameter word 0, 1, 2: of both commands that set something. */
function words(...values: [number, number, number]): Buffer {
  const bytes = Buffer.alloc(18);
  values.forEach((value, word) => {
    bytes.writeUInt16LE(word, word * 6);
    bytes.writeUInt32LE(value, word * 6 + 2);
  });
  return bytes;
}
