import { ANNOTATIONS, Annotations } from './annotations.ts';
import { CountedDays, HOURS } from './hours.ts';
import { ReviewFigures } from './review-figures.ts';
import type { PageTables } from './tables.ts';

/** The tables, part of the store's sixth version. */
export const REPORTS = HOURS + ANNOTATIONS;

/** Figures over many contacts, and annotations of days. */
export class Reports {
  readonly days: CountedDays;
  readonly annotations: Annotations;
  readonly reviews: ReviewFigures;

  constructor(tables: PageTables) {
    this.days = new CountedDays(tables);
    this.annotations = new Annotations(tables);
    this.reviews = new ReviewFigures(tables);
  }

  /** Nothing of a contact that is erased stays. Called in a transaction. */
  forget(contactId: string): void {
    this.days.forget(contactId);
  }
}
