import { z } from 'zod';
import type { LogEntry } from '../../store/page/log.ts';
import { day } from '../fields.ts';

const name = z.string().min(1).max(64);

/** Which entries: days of the clinic's calendar, both in it; the login name; the action. */
const filter = {
  from: day.optional(),
  to: day.optional(),
  account: name.optional(),
  action: name.optional(),
};

export const exportQuery = z.strictObject(filter);
export const logQuery = z.strictObject({
  ...filter,
  /** `next` of the page before. */
  after: z
    .string()
    .regex(/^-?\d{1,16}(\.\d{1,9})?_\d{1,15}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type LogFilterQuery = z.infer<typeof exportQuery>;

/** An entry as a list shows it. */
export type LogItem = Pick<
  LogEntry,
  'place' | 'time' | 'actor' | 'account' | 'action' | 'target' | 'outcome' | 'erased'
>;

export interface LogPage {
  /** Newest first. */
  readonly items: readonly LogItem[];
  /** To be asked for as `after`; null: there are no more. */
  readonly next: string | null;
}

/** What can be chosen among. */
export interface LogNames {
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
}

export type { LogCheck } from '../../store/log-chain.ts';
