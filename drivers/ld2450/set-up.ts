import { COMMAND } from '../serial/radar-commands.ts';
import { bluetoothOff, type Radar } from '../serial/radar-dialogue.ts';

const SEVERAL = 2;

/**
 * Sets up an LD2450: it follows several people, for the receptionist may be nearer than the patient, and has no Bluetooth.
 * What is as it should be is not written again. @throws CaError CA_SENSOR_REFUSED
 */
export async function setUpLd2450(radar: Radar): Promise<void> {
  let restarted = false;
  const visit = () =>
    radar.configure(async () => {
      const [mode] = await radar.ask(COMMAND.readTargetMode);
      if (mode !== SEVERAL) {
        if (!radar.first('mode')) throw radar.refused('goes on following a single target');
        await radar.ask(COMMAND.multiTarget);
      }
      const then = await bluetoothOff(radar);
      restarted = then === 'restart';
      return then;
    });
  await visit();
  // Restarted, it must show that it is now as asked; it is not restarted again.
  if (restarted) await visit();
}

/** Sets up an RD-03D. Its notes have this command outside of any configuration and promise no answer, so none is waited for. */
export async function setUpRd03d(radar: Radar): Promise<void> {
  radar.tell(COMMAND.multiTarget);
}
