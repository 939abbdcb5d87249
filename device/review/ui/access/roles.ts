import type { Role } from '../../access/permissions.ts';
import type { AccessWord } from './words.ts';

/** The roles, as they are called and what they may, the one that may most last. */
export const ROLE_WORDS: readonly { role: Role; name: AccessWord; says: AccessWord }[] = [
  { role: 'reviewer', name: 'reviewer', says: 'reviewerSays' },
  { role: 'receptionist', name: 'receptionistRole', says: 'receptionistSays' },
  { role: 'read-only', name: 'readOnly', says: 'readOnlySays' },
  { role: 'admin', name: 'admin', says: 'adminSays' },
];

export const roleWord = (role: Role): AccessWord =>
  ROLE_WORDS.find((known) => known.role === role)?.name ?? 'readOnly';
