import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Health } from '../service.ts';
import type { ContactReader } from '../store/records.ts';
import type { ByteRange } from './range.ts';

/** What the page needs of the vault. `file` is a path below its folder, as the clip's record has it. */
export interface ClipReader {
  /** Bytes of the clip. Rejects with CA_CLIP_NOT_FOUND where the file is missing. */
  size(file: string): Promise<number>;
  open(file: string, range?: ByteRange): Readable;
}

/** Who stands at a desk at this moment. `since` is an ISO time: since when it is so. */
export interface DeskPresence {
  desk: string;
  /** null while no sensor of the desk can be heard. */
  present: boolean | null;
  since: string | null;
  contactId: string | null;
}

/** Where the page gets what it shows. */
export interface PageSources {
  /** Name of this device. */
  device: string;
  contacts: ContactReader;
  clips: ClipReader;
  desks: () => DeskPresence[];
  health: () => Record<string, Health>;
  clock: Clock;
  log: Logger;
}
