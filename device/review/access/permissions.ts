/**
 * What somebody at the page may do. A role is a set of these, and so is the scope of an API token: each route of the
 * API names the one it needs (`config.needs`).
 */
export const PERMISSIONS = [
  'today:read', //      the desks as they are now, health
  'contacts:read', //   inbox, contacts, search; no clips
  'staff:read', //      who of the receptionists had a contact, and searching by that
  'clips:read', //      clips, and their downloads
  'reviews:write', //   tags, causes, comments, answers to receptionists
  'causes:write', //    the taxonomy of causes
  'cases:read',
  'cases:write', //     cases, exports, holds
  'contacts:erase',
  'reports:read',
  'reports:write', //   actions and annotations
  'settings:read',
  'settings:write',
  'accounts:write', //  accounts and API tokens
  'log:read',
  'own:read', //        a receptionist's own contacts, without scores, and the answers to their reviews
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/**
 * Who reads only gets no clips: figures need none; nor who had which contact, for a report tells of nobody who had few of
 * them. Receptionists see what is their own, and no score: staff are not to be
 * judged by a model (EU AI Act Art. 5(1)(f)).
 */
export const ROLES = {
  admin: PERMISSIONS.filter((permission) => permission !== 'own:read'),
  reviewer: [
    'today:read',
    'contacts:read',
    'staff:read',
    'clips:read',
    'reviews:write',
    'causes:write',
    'cases:read',
    'cases:write',
    'reports:read',
    'reports:write',
    'settings:read',
  ],
  receptionist: ['own:read'],
  'read-only': ['today:read', 'contacts:read', 'reports:read'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof ROLES;
