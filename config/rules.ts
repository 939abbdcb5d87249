import type { Config } from './schema.ts';
import { type Path, showPath } from './source.ts';

/** What two settings say about each other. Each rule is wrong at one place: the one that is easiest to put right. */

export interface Finding {
  path: Path;
  message: string;
  remedy: string;
}

/** A config in which a value that is wrong by itself is undefined (but its key is there), so that the rules can judge the rest. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? (Draft<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T;

type DraftDesk = Draft<Config['desks'][string]>;

/** All rules. `today` is the local day as `2026-01-31`; null while the clock cannot be believed. */
export function crossCheck(config: Draft<Config>, today: string | null): Finding[] {
  const desks = Object.entries(config.desks ?? {}).filter(
    (entry): entry is [string, DraftDesk] => entry[1] !== undefined,
  );
  return [
    ...servedRule(config.contact),
    ...noticeRules(config, today),
    ...desks.flatMap(([name, desk]) => [
      ...captureRules(config.recording?.capture, name, desk),
      ...pressRules(name, desk),
    ]),
    ...sharedDevices(desks),
  ];
}

function servedRule(contact: Draft<Config['contact']> | undefined): Finding[] {
  if (contact?.max === undefined || contact.served === undefined || contact.served < contact.max) return [];
  return [
    {
      path: ['contact', 'served'],
      message: 'must be shorter than contact.max, or no contact ever counts as served',
      remedy: 'Shorten contact.served, or lengthen contact.max.',
    },
  ];
}

function noticeRules({ scores, recording }: Draft<Config>, today: string | null): Finding[] {
  if (!scores) return [];
  const findings: Finding[] = [];
  if (scores.face && !('notice' in scores)) {
    findings.push({
      path: ['scores', 'notice'],
      message: 'is missing: people must be told before their faces are scored (EU AI Act Art. 50(3))',
      remedy:
        'Put up the notice at the desk and write the day here, such as 2026-01-31; or set scores.face: false.',
    });
  }
  if (scores.notice !== undefined && today !== null && scores.notice > today) {
    findings.push({
      path: ['scores', 'notice'],
      message: `is still to come (today is ${today}): people must have been told already (EU AI Act Art. 50(3))`,
      remedy: 'Turn the scores on when the notice is up, and write the day on which it was put up.',
    });
  }
  if (scores.face && recording?.capture !== undefined && recording.capture !== 'audio+video') {
    findings.push({
      path: ['scores', 'face'],
      message: `needs pictures, but recording.capture is ${recording.capture}`,
      remedy: 'Set recording.capture: audio+video, or scores.face: false.',
    });
  }
  return findings;
}

function captureRules(
  capture: Config['recording']['capture'] | undefined,
  name: string,
  desk: DraftDesk,
): Finding[] {
  const needed = { counts: null, audio: 'microphone', 'audio+video': 'camera' } as const;
  const device = capture === undefined ? null : needed[capture];
  // `in`, not `=== undefined`: a device that is there but wrong has been reported already.
  if (device === null || device in desk) return [];
  return [
    {
      path: ['desks', name, device],
      message: `is missing: recording.capture is ${capture}`,
      remedy: `Add the ${device} of this desk, or set recording.capture to what all desks have.`,
    },
  ];
}

function pressRules(name: string, { inputs, buttons }: DraftDesk): Finding[] {
  if (!buttons) return [];
  const known = Object.keys(buttons);
  return (inputs ?? []).flatMap((input, index) => {
    if (input?.driver !== 'scripted') return [];
    return (input.steps ?? []).flatMap((step, place) => {
      if (step?.press === undefined || known.includes(step.press)) return [];
      return {
        path: ['desks', name, 'inputs', index, 'steps', place, 'press'],
        message: 'is no button of this desk',
        remedy: known.length > 0 ? `Its buttons are ${known.join(', ')}.` : 'This desk has no buttons.',
      };
    });
  });
}

/** Two programs cannot open one serial port, V4L2 camera or sound card; an RTSP camera may serve two desks. */
function sharedDevices(desks: [string, DraftDesk][]): Finding[] {
  const uses: [device: string | undefined, path: Path][] = desks.flatMap(([name, desk]) => {
    const { camera, microphone } = desk;
    const at = (...rest: Path): Path => ['desks', name, ...rest];
    const ports = (desk.inputs ?? []).map((input, index): [string | undefined, Path] => [
      input?.driver === 'line-protocol' ? input.port : undefined,
      at('inputs', index, 'port'),
    ]);
    return [
      ...ports,
      [camera?.driver === 'v4l2' ? camera.device : undefined, at('camera', 'device')],
      [microphone?.driver === 'alsa' ? microphone.device : undefined, at('microphone', 'device')],
    ];
  });
  const first = new Map<string, Path>();
  return uses.flatMap(([device, path]) => {
    if (device === undefined) return [];
    // An ALSA name and a file name never mean the same thing, even when they read alike.
    const key = `${path.at(-2) === 'microphone' ? 'alsa' : 'file'} ${device}`;
    const other = first.get(key);
    if (!other) {
      first.set(key, path);
      return [];
    }
    return {
      path,
      message: `is already used by ${showPath(other)}`,
      remedy: 'Give each its own device.',
    };
  });
}
