import { z } from 'zod';
import { CASE_LIMIT, type CaseEntry, type CaseRecord, OPENING_REASONS } from '../../store/page/cases.ts';
import type { HoldRecord } from '../../store/page/holds.ts';
import { id } from '../fields.ts';
import type { SearchItem } from '../search/schema.ts';

const title = z.string().trim().min(1).max(120);
const note = z.string().trim().max(4_000);
const contactIds = z.array(id).min(1).max(CASE_LIMIT);

export const caseId = z.object({ id });
export const caseAndContact = z.object({ id, contactId: id });

export const casesQuery = z.strictObject({
  /** Without those that are closed. */
  open: z.enum(['true', 'false']).default('false'),
  /** Only those that this contact is in; `after` and `limit` mean nothing then. */
  contact: id.optional(),
  after: id.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const newCase = z.strictObject({ title, note: note.default(''), contactIds: contactIds.optional() });
export const caseChange = z.strictObject({
  title: title.optional(),
  note: note.optional(),
  closed: z.boolean().optional(),
});
export const moreContacts = z.strictObject({ contactIds });

export const newHold = z.strictObject({
  contactIds,
  reason: z.string().trim().min(1).max(500),
  /** The last day. */
  until: z.string().regex(/^\d{4}-\d\d-\d\d$/),
});
export const holdEnd = z.strictObject({ note: z.string().trim().min(1).max(500) });

export const exportQuery = z.strictObject({
  /** Needed where clips are among them that nobody complained about. */
  reason: z.enum(OPENING_REASONS).optional(),
  language: z.enum(['en', 'ru', 'pl', 'lt']).default('en'),
});

/** `confirm`: the contact's id once more. */
export const eraseBody = z.strictObject({ confirm: id });

/** `GET /api/cases`. `next`: to be sent as `after`; null: that is all. */
export interface CaseList {
  readonly cases: CaseRecord[];
  readonly next: string | null;
}

/** A contact of a case. */
export interface CaseContact extends Omit<CaseEntry, 'contactId'> {
  readonly contact: SearchItem;
  /** null: no hold is in force. `until`: the last day. */
  readonly held: { readonly reason: string; readonly until: string } | null;
  /** Its clip needs a reason to be exported. */
  readonly needsReason: boolean;
}

/** `GET /api/cases/:id`, and the answer to each change of a case. */
export interface CasePage {
  readonly case: CaseRecord;
  readonly contacts: CaseContact[];
}

/** `GET /api/contacts/:id/holds`, newest first. */
export interface HoldList {
  readonly holds: HoldRecord[];
}

/** `DELETE /api/contacts/:id`: what stays of a contact. */
export interface ErasureReceipt {
  readonly contactId: string;
  readonly erasedAt: string;
}
