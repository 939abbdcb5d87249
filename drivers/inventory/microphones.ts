export interface MicrophoneFound {
  /** The `device` of the config for it. */
  readonly device: string;
  readonly name: string;
}

/** `arecord -l` in English: the sound cards that record. Pure. By name: numbers change with the order of plugging in. */
export function parseArecordCards(text: string): MicrophoneFound[] {
  return [...text.matchAll(/^card \d+: (\S+) \[(.*)\], device (\d+): .*? \[(.*)\]/gm)].map(
    ([, id, card = '', device, name = '']) => ({
      device: `plughw:CARD=${id},DEV=${device}`,
      name: name === '' || name === card ? card : `${card}, ${name}`,
    }),
  );
}

/** Sound servers, which share a card between programs. */
const SERVERS = ['default', 'pulse', 'pipewire'];

/** The sound servers among what `arecord -L` lists: a name a line, indented lines about it below. Pure. */
export function parseArecordNames(text: string): MicrophoneFound[] {
  return [...text.matchAll(/^(\S+)$(?:\n[ \t]+(.*))?/gm)].flatMap(([, device = '', name = '']) =>
    SERVERS.includes(device) ? { device, name: name.trim() } : [],
  );
}
