import type { Permission, Role } from './permissions.ts';
import type { Who } from './who.ts';

/** `GET /api/me`, which anyone may ask: who looks at the page, and how it is to look. */
export interface Me {
  readonly device: string;
  /** IANA name of the clinic's time zone. */
  readonly timeZone: string;
  /** True: there is no account yet, and the first one is made with the code that the service printed. */
  readonly setUp: boolean;
  /** null: nobody is signed in. */
  readonly account: {
    readonly name: string;
    readonly role: Role;
    readonly permissions: readonly Permission[];
    readonly receptionist: string | null;
    readonly language: 'en' | 'ru' | 'pl' | 'lt' | null;
    readonly theme: 'light' | 'dark' | null;
    readonly by: Who['by'];
  } | null;
  /** To be sent as `x-csrf-token` with all that changes anything; empty while nobody is signed in. */
  readonly csrf: string;
}
