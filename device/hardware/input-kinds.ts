import type { InputConfig } from '../../drivers/open.ts';

/** What can be expected of an input, out of its config alone. */
export interface InputKind {
  readonly driver: InputConfig['driver'];
  /** It may tell who is there. */
  readonly senses: boolean;
  /** The buttons it may tell of. */
  readonly buttons: readonly string[];
  /** Why it cannot be tried from here; null: it can. */
  readonly elsewhere: string | null;
  /** What to do when nothing at all is heard of it. */
  readonly silent: string;
}

const SENSOR = 'Stand before the sensor, then step away; if it stays silent, check its power and its wires.';
const ADDRESS = 'compare `topic` and `field` with what `mosquitto_sub -v -t "#"` shows.';

/** Pure. `buttons`: those of the desk. */
export function kindOf(input: InputConfig, buttons: readonly string[]): InputKind {
  const { driver } = input;
  const kind = { driver, senses: false, buttons: [], elsewhere: null };
  switch (input.driver) {
    case 'line-protocol':
      return { ...kind, senses: true, buttons, silent: SENSOR };
    case 'gpio-presence':
    case 'ld2410':
    case 'ld2450':
    case 'rd03d':
    case 'tf-luna':
    case 'maxbotix':
      return { ...kind, senses: true, silent: SENSOR };
    case 'mqtt-presence':
      return { ...kind, senses: true, silent: `Stand before the sensor; if nothing comes, ${ADDRESS}` };
    case 'gpio-button':
      return {
        ...kind,
        buttons: [input.button],
        silent: 'Press it; if nothing comes, check its wires, `line`, `activeLow` and `pull`.',
      };
    case 'mqtt-button':
      return {
        ...kind,
        buttons: [...new Set(Object.values(input.actions))],
        silent: `Press it; if nothing comes, ${ADDRESS}`,
      };
    case 'keypad':
      return {
        ...kind,
        buttons: [...new Set(Object.values(input.keys))],
        silent: 'Press a key that is named under `keys`; `evtest` shows what its keys are called.',
      };
    case 'card-reader':
      return {
        ...kind,
        silent: 'Hold a card to the reader; if nothing comes, look whether it lights or beeps.',
      };
    case 'tablet':
      return { ...kind, buttons, elsewhere: 'page', silent: '' };
    case 'camera':
      return { ...kind, senses: true, elsewhere: 'with the camera', silent: '' };
    case 'scripted':
      return {
        ...kind,
        senses: true,
        buttons,
        silent: 'The script has not come to a step yet: watch for longer.',
      };
  }
}
