import { resolve, sep } from 'node:path';
import { lawRules } from './jurisdiction.ts';
import type { Config } from './schema.ts';
import { scoreRules } from './score-rules.ts';
import { outsideBroker, outsideStore } from './setup.ts';
import { type Path, showPath } from './source.ts';
import { tlsRules } from './tls-rules.ts';
import { wireRules } from './wire-rules.ts';

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

export type DraftDesk = Draft<Config['desks'][string]>;

/** What the rules must know besides the config. */
export interface Surroundings {
  /** The local day as `2026-01-31`; null while the clock cannot be believed. */
  today: string | null;
  /** The folder at which relative paths of the config begin. */
  folder: string;
}

/** What a rule judges. `today` as in `Surroundings`. */
export interface Case {
  config: Draft<Config>;
  desks: [name: string, desk: DraftDesk][];
  today: string | null;
}

/** All rules. What the law refuses, no other rule asks for. */
export function crossCheck(config: Draft<Config>, { today, folder }: Surroundings): Finding[] {
  const desks = Object.entries(config.desks ?? {}).filter(
    (entry): entry is [string, DraftDesk] => entry[1] !== undefined,
  );
  const given: Case = { config, desks, today };
  const refused = lawRules(given);
  const places = new Set(refused.map(({ path }) => showPath(path)));
  const others = [
    ...servedRule(config.contact),
    ...scoreRules(given),
    ...uploadRules(config),
    ...tlsRules(config),
    ...keyRules(config, folder),
    ...desks.flatMap(([name, desk]) => [
      ...captureRules(config.recording?.capture, name, desk),
      ...cameraInputRules(config.recording?.capture, name, desk),
    ]),
    ...wireRules(config, desks),
  ];
  return [...refused, ...others.filter(({ path }) => !places.has(showPath(path)))];
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

/** An empty list allows every host: only who writes one wants to be held to it. */
function uploadRules(config: Draft<Config>): Finding[] {
  const hosts = config.uploads?.hosts ?? [];
  const ends = [
    { end: outsideBroker(config), path: ['mqtt', 'url'], what: 'broker' },
    { end: outsideStore(config), path: ['uploads', 'clips', 'endpoint'], what: 'object store' },
  ];
  const unnamed = ends.filter(({ end }) => end !== null && hosts.length > 0 && !hosts.includes(end.host));
  return [
    ...unnamed.map(({ path, what }) => ({
      path,
      message: 'names a host that is not in uploads.hosts',
      remedy: `Write the host of the ${what} into uploads.hosts if anything may be sent there.`,
    })),
    ...clearStoreRule(config),
    ...fetchRule(config),
  ];
}

/** The clips are encrypted, but not their sums, nor who sends how many and when. */
function clearStoreRule(config: Draft<Config>): Finding[] {
  if (outsideStore(config)?.encrypted !== false) return [];
  return [
    {
      path: ['uploads', 'clips', 'endpoint'],
      message: 'is not encrypted, and the object store is another machine',
      remedy: 'Write https://, or the address of a gateway on this machine, such as http://127.0.0.1:9000.',
    },
  ];
}

/** An address that comes with a command may name any host, so only the hosts that are named are believed. */
function fetchRule({ mqtt, uploads }: Draft<Config>): Finding[] {
  if (mqtt?.broker !== 'external' || !mqtt.commands?.includes('fetch') || !uploads) return [];
  if ('clips' in uploads || uploads.hosts === undefined || uploads.hosts.length > 0) return [];
  return [
    {
      path: ['mqtt', 'commands', mqtt.commands.indexOf('fetch')],
      message: 'has nowhere to send a clip to: there is no uploads.clips, and uploads.hosts is empty',
      remedy:
        'Write the hosts of the addresses that will be given into uploads.hosts, or name an object store in uploads.clips; or remove fetch.',
    },
  ];
}

/** A clip is stored encrypted or not at all, and who takes the disk's folder away must not have the key with it. */
function keyRules({ recording, vault, data }: Draft<Config>, folder: string): Finding[] {
  const { capture, keep } = recording ?? {};
  const storing = capture !== undefined && capture !== 'counts' && keep !== undefined && keep !== 'none';
  if (storing && vault && !('key' in vault)) {
    return [
      {
        path: ['vault', 'key'],
        message: `is missing: recording.capture is ${capture}, and clips are stored encrypted only`,
        remedy:
          'Make a key: `openssl rand -hex 32 > FILE; chmod 600 FILE`, write key: { file: FILE } here, and keep a copy in a safe place.',
      },
    ];
  }
  const file = vault?.key && 'file' in vault.key ? vault.key.file : undefined;
  if (file === undefined || data === undefined) return [];
  if (!`${resolve(folder, file)}${sep}`.startsWith(`${resolve(folder, data)}${sep}`)) return [];
  return [
    {
      path: ['vault', 'key', 'file'],
      message: 'lies below `data`: whoever copies the clips would have their key as well',
      remedy: 'Keep it elsewhere, such as in /etc/contact-analyzer/secrets.',
    },
  ];
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

/** A camera that is the desk's sensor must be open all the time. */
function cameraInputRules(
  capture: Config['recording']['capture'] | undefined,
  name: string,
  { inputs }: DraftDesk,
): Finding[] {
  if (capture === undefined || capture === 'audio+video') return [];
  return (inputs ?? []).flatMap((input, index) =>
    input?.driver === 'camera'
      ? {
          path: ['desks', name, 'inputs', index, 'driver'],
          message: `needs pictures, but recording.capture is ${capture}`,
          remedy: 'Set recording.capture: audio+video, or take another sensor.',
        }
      : [],
  );
}
