import type { Case } from './rules.ts';

/** What a config comes to, for rules that speak of it: what would be judged, listened to, sent. */

type Scores = NonNullable<Case['config']['scores']>;

/** Faces or voices are judged. Measuring a conversation is not judging: no emotion is read from it. */
export function judging({ face, own }: Scores): boolean {
  return face === true || (own !== undefined && 'voice' in own);
}

/** Names of the desks whose microphone is opened. */
export function hearing({ config: { recording }, desks }: Case): string[] {
  if (recording?.capture !== 'audio' && recording?.capture !== 'audio+video') return [];
  return desks.flatMap(([name, desk]) => ('microphone' in desk ? [name] : []));
}

/** Sound is recorded: `audio` alone wants it of every desk. */
export function recordsSound(given: Case): boolean {
  return given.config.recording?.capture === 'audio' || hearing(given).length > 0;
}

/** A button that says who is at the desk. */
export function doesShift(button: object | undefined): boolean {
  return button !== undefined && 'does' in button && button.does === 'shift';
}

/** Where something is sent. `host`: in small letters; empty where it cannot be made out. */
export interface FarEnd {
  host: string;
  encrypted: boolean;
}

/** What ends a host in every reading of an address; of anything else two programs may make two hosts. */
const HOST = /^(?:mqtt|http)s?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?=[:/?#]|$)/;

/** The broker to which messages go. null: none, or it is inside the service. */
export function outsideBroker({ mqtt }: Case['config']): FarEnd | null {
  return mqtt?.broker === 'external' ? farEnd(mqtt.url) : null;
}

/** The object store to which clips go. null: none, or it is on this machine. */
export function outsideStore({ uploads }: Case['config']): FarEnd | null {
  return farEnd(uploads?.clips?.endpoint);
}

function farEnd(address: string | undefined): FarEnd | null {
  if (address === undefined) return null;
  const url = address.toLowerCase();
  const host = HOST.exec(url)?.[1] ?? '';
  return isLoopback(host) ? null : { host, encrypted: /^(mqtts|https):/.test(url) };
}

/** This machine itself. Names other than `localhost` may be anywhere. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
