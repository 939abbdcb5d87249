import { z } from 'zod';
import type { Tag, TagSource } from '../../contacts/model.ts';
import type { Opening } from '../../store/page/cases.ts';
import type { Measure } from '../../store/page/measures.ts';
import type { OwnRow } from '../../store/page/own.ts';
import type {
  ClipRecord,
  ContactRecord,
  InboxClass,
  QueueClass,
  ScoreTimeline,
  Strip,
} from '../../store/records.ts';
import { day, id } from '../fields.ts';

/** What is asked and answered about the inbox, reviews, causes, measures and a receptionist's own contacts. Times ISO 8601 UTC, durations ms, days `YYYY-MM-DD`. */

/** Groups of causes. A clinic may make causes, not groups: they keep two clinics' figures comparable. */
export const CAUSE_GROUPS = [
  'waiting',
  'information',
  'manner',
  'organisation',
  'money',
  'premises',
] as const;
export type CauseGroup = (typeof CAUSE_GROUPS)[number];

const word = z.string().trim().min(1);
const desk = z.string().min(1).max(64);
/** A page of a list goes on where the last one ended: `next` of its answer. */
const after = z
  .string()
  .regex(/^[A-Za-z0-9_.~-]{1,160}$/)
  .optional();
const limit = z.coerce.number().int().min(1).max(100).default(50);

/** The `:id` in an address. */
export const idParams = z.object({ id });

export const inboxQuery = z.strictObject({
  /** Without: all but `answered`, which wait for nobody's review; they are there only where asked for by name. */
  class: z.enum(['negative', 'hint', 'sample', 'answered']).optional(),
  /** Reviewed by nobody, or not by me. */
  by: z.enum(['anybody', 'me']).default('anybody'),
  desk: desk.optional(),
  after,
  limit,
});

export type { Measure, Strip };

export interface InboxItem {
  readonly id: string;
  readonly desk: string;
  readonly startedAt: string;
  readonly duration: number;
  readonly class: InboxClass;
  /** Chosen at random, and not yet reviewed by this account: what press and model say is not shown. */
  readonly blind: boolean;
  readonly presses: readonly { readonly at: number; readonly rating: number | null; readonly tag: Tag }[];
  /** null: not shown. */
  readonly tag: Tag | null;
  readonly tagSource: TagSource | null;
  readonly clip: boolean;
  readonly strip: Strip | null;
  /** Login names. */
  readonly reviewers: readonly string[];
  /** The receptionist has answered the review. */
  readonly answered: boolean;
}

export interface Inbox {
  /**
   * Of the last 90 days, as `by` and `desk` of the question say. `answered`: this account's reviews, whatever `by` says,
   * that were answered in these days and that it has not opened since.
   */
  readonly left: Readonly<Record<InboxClass, number>>;
  readonly items: readonly InboxItem[];
  readonly next: string | null;
}

export interface Review {
  readonly contactId: string;
  /** null: what the press says stays; never said of a sample or a hint, where no press was shown or none was negative. */
  readonly tag: Exclude<Tag, 'unrated'> | null;
  /** Ids; what was merged since is named by what it was merged into. */
  readonly causes: readonly string[];
  readonly comment: string;
  readonly measureIds: readonly string[];
  /** Login name of who changed it last. */
  readonly reviewer: string;
  readonly at: string;
  /** 1 for the first; one more with each change. */
  readonly revision: number;
  /** `by`: the receptionist's pseudonym. */
  readonly answer: { readonly text: string; readonly by: string; readonly at: string } | null;
}

export interface ContactPage {
  /** Where `blind`: without presses, tag, rating, hint and scores. No path of a file leaves the device. */
  readonly contact: Omit<ContactRecord, 'clip'> & { readonly clip: Omit<ClipRecord, 'file'> | null };
  readonly timelines: readonly ScoreTimeline[];
  readonly review: Review | null;
  /** Who has reviewed it, first to last. */
  readonly reviews: readonly { readonly account: string; readonly at: string }[];
  readonly class: QueueClass | null;
  readonly blind: boolean;
  readonly held: { readonly reason: string; readonly until: string } | null;
  readonly clip: { readonly state: 'ready' | 'none'; readonly needsReason: boolean };
  /** Who has opened its clip and why, newest first: for who may read clips, and not while it is blind. */
  readonly openings: readonly Opening[];
  /** Ids of the contacts before and after it at the same desk. */
  readonly previous: string | null;
  readonly next: string | null;
}

export const reviewBody = z.strictObject({
  tag: z.enum(['positive', 'negative', 'neutral']).nullable(),
  causes: z.array(id).max(20),
  comment: z.string().max(4_000),
  /** Of the review that was changed; 0: there was none. */
  revision: z.int().min(0).max(1_000_000),
});
export type ReviewBody = z.infer<typeof reviewBody>;

const language = z.enum(['en', 'ru', 'pl', 'lt']);
export type CauseNames = Readonly<Partial<Record<z.infer<typeof language>, string>>>;

export interface Cause {
  readonly id: string;
  readonly group: CauseGroup;
  readonly names: CauseNames;
  /** No longer offered; still counted. */
  readonly retired: boolean;
  readonly mergedInto: string | null;
  /** Reviews that name it, or what was merged into it. */
  readonly uses: number;
}
export interface Causes {
  /** One more with each change. */
  readonly version: number;
  readonly causes: readonly Cause[];
}

const causeName = word.max(80);
const group = z.enum(CAUSE_GROUPS);
export const newCauseBody = z.strictObject({ group, name: causeName, language });
/** `name` in one language, which has to be named, too. */
export const causeBody = z
  .strictObject({ name: causeName, language, group, retired: z.boolean() })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'nothing is to be changed')
  .refine((body) => (body.name === undefined) === (body.language === undefined), {
    message: 'a name needs its language',
  });
export const mergeBody = z.strictObject({ into: id });

export const measuresQuery = z.strictObject({
  open: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});
const title = word.max(200);
const owner = word.max(80);
export const newMeasureBody = z.strictObject({
  title,
  owner,
  due: day.nullable().default(null),
  causes: z.array(id).max(20).default([]),
  desk: desk.nullable().default(null),
  contactId: id.nullable().default(null),
});
export const measureBody = z
  .strictObject({
    title,
    owner,
    due: day.nullable(),
    desk: desk.nullable(),
    effective: day.nullable(),
    state: z.enum(['open', 'done', 'dropped']),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'nothing is to be changed');

export interface Measures {
  readonly measures: readonly Measure[];
}

export const ownQuery = z.strictObject({ after, limit });

/** One of a receptionist's own contacts: nothing in it comes from a model, nobody who reviewed is named. */
export type OwnItem = Omit<OwnRow, 'startedWall'>;
export interface Own {
  readonly items: readonly OwnItem[];
  readonly next: string | null;
}
export interface OwnContact extends OwnItem {
  readonly presses: InboxItem['presses'];
  /** Milliseconds of the clip before the arrival. */
  readonly preRoll: number;
  readonly review: {
    readonly causes: readonly { readonly id: string; readonly names: CauseNames }[];
    readonly comment: string;
    readonly at: string;
  } | null;
  /** `until`: it may be changed until then. */
  readonly answer: { readonly text: string; readonly at: string; readonly until: string } | null;
}
export const answerBody = z.strictObject({ text: word.max(2_000) });
