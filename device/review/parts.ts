import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Health } from '../service.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access/access.ts';
import type { Who } from './access/who.ts';
import type { ByteRange } from './clips/range.ts';
import type { SettingsFile } from './settings/settings.ts';

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
  /** Until when recording is paused, an ISO time; null: it is not. */
  paused: string | null;
  /** Pseudonym of who is on shift; null: nobody has said so. */
  receptionist: string | null;
}

/** What the page is made of: all that its routes may use. */
export interface PageParts {
  /** Name of this device. */
  readonly device: string;
  readonly store: Store;
  readonly clips: ClipReader;
  readonly desks: () => DeskPresence[];
  readonly health: () => Record<string, Health>;
  /** Erases a contact everywhere. Rejects with CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN and what else `erase` may say. */
  readonly erase: (contactId: string) => Promise<{ contactId: string; erasedAt: string }>;
  /** The settings of the device that a manager may change. */
  readonly settings: SettingsFile;
  /** Says who is at a desk from now on, by pseudonym. Rejects with CA_COMMAND_INVALID where there is no such desk. */
  readonly shift: (desk: string, receptionist: string) => Promise<unknown>;
  /** Accounts, passwords and codes. */
  readonly access: Access;
  /** Which channel of a desk's sound is the patient's; null: one microphone hears both. */
  readonly patientSide: (desk: string) => 'left' | 'right' | null;
  /** Who asks; null: nobody that is known. `using` (true, if not said): their session is being used, and goes on. */
  readonly identify: (request: FastifyRequest, using?: boolean) => Who | null;
  readonly clock: Clock;
  readonly log: Logger;
}
