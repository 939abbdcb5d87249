/** How the page says things. Durations in milliseconds, times as ISO strings, shares in [0, 1]. */

/** Sign and word together, so that the tag does not hang on its colour. */
export const TAGS = {
  positive: { sign: '+', word: 'Positive' },
  negative: { sign: '−', word: 'Negative' },
  neutral: { sign: '=', word: 'Neutral' },
  unrated: { sign: '·', word: 'Unrated' },
};

export const TAG_SOURCES = { press: 'by the patient’s press', reviewer: 'by a reviewer' };

/** Why a contact ended, where it is not simply that the patient left. */
export const UNUSUAL_ENDS = {
  overlong: 'Closed: overlong',
  shutdown: 'Ended by shutdown',
  'power-loss': 'Ended by power loss',
  'sensor-lost': 'Ended: sensor lost',
};

/** Why a press does not count as it is. */
export const PRESS_FLAGS = {
  repeat: 'repeat',
  mashing: 'one of many at once',
  'nobody-there': 'nobody was there',
  'unknown-button': 'unknown button',
};

export const CLOCK_REMARKS = {
  untrusted: 'Clock not trusted',
  corrected: 'Time corrected',
};

const two = (number) => String(number).padStart(2, '0');

/** "42 s", "3 min 05 s", "1 h 02 min". */
export function lasting(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
}

/** "+1:05": a moment counted from the arrival. */
export function offset(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  return `${ms < 0 ? '−' : '+'}${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

export const percent = (share) => `${Math.round(share * 100)} %`;

/** "41–79 %". */
export const interval = ({ low, high }) => `${Math.round(low * 100)}–${percent(high)}`;

/** "14:02:31" in the device's zone. */
export const timeOfDay = (iso, timeZone) =>
  new Date(iso).toLocaleTimeString('en-GB', { timeZone, hourCycle: 'h23' });

/** "14:02". */
export const hourAndMinute = (iso, timeZone) => timeOfDay(iso, timeZone).slice(0, 5);

/** "Saturday 21 November 2026". */
export const dayOf = (iso, timeZone) =>
  new Date(iso).toLocaleDateString('en-GB', {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });

/** Why there is no clip any more. */
const DELETED = {
  veto: 'The clip was destroyed: somebody at the desk asked for it.',
  'not-kept': 'Clips of such contacts are not kept.',
  space: 'The clip was deleted to make room for others.',
  age: 'The clip was kept for as long as it may be, and destroyed.',
  missing: 'The clip’s file has disappeared from the disk.',
};

/** State of a contact's clip: a word for the list, and the sentence for the detail where there is nothing to play. */
export function clipWords({ clip, state, veto }) {
  if (veto) return { word: 'Vetoed', sentence: 'Somebody at the desk asked not to be recorded.' };
  if (clip?.state === 'ready') {
    return { word: clip.mediaType?.startsWith('video/') ? 'Video' : 'Sound', sentence: null };
  }
  if (clip?.state === 'failed' && clip.reason === 'paused')
    return { word: 'Paused', sentence: 'Recording was paused during this contact.' };
  if (clip?.state === 'failed')
    return { word: 'Failed', sentence: `The clip could not be made: ${clip.reason}` };
  if (clip?.state === 'deleted')
    return { word: clip.reason === 'not-kept' ? 'Not kept' : 'Deleted', sentence: DELETED[clip.reason] };
  if (state === 'settled') return { word: 'None', sentence: 'This contact has no clip.' };
  return { word: '', sentence: 'The clip comes after the contact has ended.' };
}
