import type { Agreement, People as PeopleTable, Proportion, Report } from '../../reports/schema.ts';
import { tagWords } from '../parts/tag-words.ts';
import { dayName, number, percent, useWords } from '../words.ts';
import { FIGURE_HEADS, figureCells } from './indices.tsx';
import { Numbers, Part } from './numbers.tsx';
import { reportWords } from './words.ts';

export function Desks({ rows, csv }: { rows: Report['perDesk']; csv: string }) {
  const t = useWords(reportWords);
  return (
    <Part title={t('perDesk')} caption={`${t('countedContact')} ${t('occupiedIs')}`} csv={csv}>
      <Numbers
        caption={t('perDesk')}
        head={[t('desk'), ...FIGURE_HEADS.map((head) => t(head))]}
        rows={rows.map((row) => [row.desk, ...figureCells(row)])}
      />
    </Part>
  );
}

export function People({ people, csv }: { people: PeopleTable | null; csv: string }) {
  const t = useWords(reportWords);
  if (!people) return <Part title={t('people')} caption={t('oneDesk')} />;
  const { from, to, minimum, rows } = people;
  if (from === null || to === null) return <Part title={t('people')} caption={t('noWeeks')} />;
  return (
    <Part
      title={t('people')}
      caption={`${t('peopleCaption', { from: dayName(from), to: dayName(to), n: minimum })} ${t('occupiedIs')}`}
      csv={csv}
    >
      <Numbers
        caption={t('people')}
        head={[t('receptionist'), t('weeks'), ...FIGURE_HEADS.map((head) => t(head))]}
        rows={rows.map((row) =>
          'tooFew' in row
            ? [row.receptionist, t('fewShown'), ...FIGURE_HEADS.map(() => '–')]
            : [row.receptionist, number(row.weeks), ...figureCells(row)],
        )}
      />
    </Part>
  );
}

export function Tags({ tags, csv }: { tags: NonNullable<Report['tags']>; csv: string }) {
  const t = useWords(reportWords);
  const tag = useWords(tagWords);
  const cell = (name: string) => number(tags[name] ?? 0);
  return (
    <Part title={t('tags')} caption={t('tagsCaption')} csv={csv}>
      <Numbers
        caption={t('tags')}
        head={['', tag('press'), tag('reviewer')]}
        rows={[
          [tag('positive'), cell('positive/press'), cell('positive/reviewer')],
          [tag('negative'), cell('negative/press'), cell('negative/reviewer')],
          [tag('neutral'), cell('neutral/press'), cell('neutral/reviewer')],
          [tag('unrated'), cell('unrated'), '–'],
        ]}
      />
    </Part>
  );
}

export function Agreed({ agreement: { hint, sample, press } }: { agreement: Agreement }) {
  const t = useWords(reportWords);
  const row = (name: string, k: number, n: number, share: Proportion | null) => [
    ...[name, t('of', { k, n })],
    share ? `${percent(share.value)} (${percent(share.low)}–${percent(share.high)})` : '–',
  ];
  return (
    <Part title={t('agreement')} caption={t('agreementCaption')}>
      <Numbers
        caption={t('agreement')}
        head={['', t('contacts'), t('estimate')]}
        rows={[
          row(t('hintPrecision'), hint.negative, hint.n, hint.precision),
          row(t('missed'), sample.negative, sample.n, sample.missed),
          row(t('pressAgrees'), press.same, press.n, press.share),
        ]}
      />
    </Part>
  );
}

/** What each number counts. */
export function Counted() {
  const t = useWords(reportWords);
  const terms = [
    ...(['countedContact', 'countedServed', 'countedIndices', 'countedInterval'] as const),
    ...(['countedPeople', 'countedSummer', 'countedErased'] as const),
  ];
  return (
    <section class="card reports-part">
      <h2>{t('counted')}</h2>
      <ul>
        {terms.map((term) => (
          <li key={term}>{t(term, { n: 20 })}</li>
        ))}
        <li>{`${t('occupiedIs')} ${t('countedOccupied')}`}</li>
        <li>{`${t('waiting')}: ${t('waitingIs')}`}</li>
      </ul>
    </section>
  );
}
