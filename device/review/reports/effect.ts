import { difference } from '../../contacts/statistics.ts';
import { dayAt, dayNumber, dayText, startOfDay } from '../../store/page/days.ts';
import type { Measure } from '../../store/page/measures.ts';
import type { Reports } from '../../store/page/reports.ts';
import { Sums, tallyOf } from './figures.ts';
import { Calendar, type Period } from './period.ts';
import { annotationsOf, differences, type Sources, upToDate } from './report.ts';
import type { MeasureEffect } from './schema.ts';

/**
 * Before and after the day on which a measure took effect: windows of the same length on both sides of it, `weeks` weeks or
 * as many days as there are until yesterday. Whole weeks wherever there is one, so that both have the same weekdays.
 * `others`: all measures there are. `now`: Unix ms.
 */
export async function effectOf(
  sources: Sources,
  measure: Measure,
  { others, weeks, now }: { others: readonly Measure[]; weeks: number; now: number },
): Promise<MeasureEffect> {
  const { reports } = sources;
  const { id, effective, desk, causes } = measure;
  const first = effective === null ? null : dayNumber(effective);
  const days = first === null ? 0 : daysOf(dayAt(now) - first, weeks * 7);
  const nothing = { windows: null, before: null, after: null, support: null, dissatisfaction: null };
  if (first === null || days < 1)
    return { id, effective, ...nothing, causes: null, annotations: [], others: [] };
  const [before, after] = [
    { from: first - days, to: first - 1 },
    { from: first, to: first + days - 1 },
  ];
  await upToDate(reports, { from: before.from, to: after.to });
  const [was, is] = [figures(reports, before, desk), figures(reports, after, desk)];
  const { support, dissatisfaction } = differences(was, is);
  return {
    ...{ id, effective, windows: { before: texts(before), after: texts(after) } },
    ...{ before: was, after: is, support, dissatisfaction },
    causes: causes.length === 0 ? null : causesOf(sources, { causes, desk, before, after }),
    annotations: annotationsOf(reports, { from: before.from, to: after.to }),
    others: others
      .filter(
        (other) =>
          other.id !== id && other.effective !== null && (!desk || !other.desk || other.desk === desk),
      )
      .map((other) => ({ id: other.id, title: other.title, effective: other.effective ?? '' }))
      .filter((other) => other.effective >= dayText(before.from) && other.effective <= dayText(after.to)),
  };
}

/** How many days both windows have: as many as wanted, else whole weeks, else what there is. */
function daysOf(there: number, wanted: number): number {
  if (there >= wanted) return wanted;
  return there >= 7 ? there - (there % 7) : there;
}

function figures(reports: Reports, { from, to }: Period, desk: string | null) {
  const sums = new Sums('month', new Calendar('month', from));
  reports.days.read(from, to, desk, (counts) => sums.add(counts, tallyOf(counts.pairs)));
  return sums.figures();
}

function causesOf(
  { reports, reviews }: Sources,
  {
    causes,
    desk,
    before,
    after,
  }: { causes: readonly string[]; desk: string | null; before: Period; after: Period },
): MeasureEffect['causes'] {
  const share = ({ from, to }: Period) => {
    const within = { from: startOfDay(from), to: startOfDay(to + 1), desk };
    return {
      k: reports.reviews.withCauses(causes, within),
      n: reviews.causeCounts(within.from, within.to, desk === null ? {} : { desk }).reviewed,
    };
  };
  const [was, is] = [share(before), share(after)];
  return { before: was, after: is, difference: difference(was, is) };
}

const texts = ({ from, to }: Period) => ({ from: dayText(from), to: dayText(to) });
