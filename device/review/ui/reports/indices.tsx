import type { ComponentChildren } from 'preact';
import type { Difference, Figures, Proportion, Report } from '../../reports/schema.ts';
import { number, percent, useWords } from '../words.ts';
import { reportWords } from './words.ts';

/** The two indices, large, and what they are made of. */
export function Indices({ report }: { report: Report }) {
  const t = useWords(reportWords);
  const { total, compare } = report;
  const { served } = total;
  return (
    <div class="reports-indices">
      <Index
        name={t('support')}
        says={t('supportIs', { k: total.top, n: served })}
        share={total.support}
        before={compare?.total.support ?? null}
        difference={compare?.support ?? null}
      />
      <Index
        name={t('dissatisfaction')}
        says={t('dissatisfactionIs', { k: total.negative, n: served })}
        share={total.dissatisfaction}
        before={compare?.total.dissatisfaction ?? null}
        difference={compare?.dissatisfaction ?? null}
      />
      <Small
        name={t('response')}
        value={total.responseRate === null ? '–' : percent(total.responseRate, 1)}
        says={t('responseIs', { k: total.rated, n: served })}
      />
      <Small name={t('served')} value={number(served)} says={t('servedIs', { n: served })} />
      <Small
        name={t('unserved')}
        value={number(total.unserved)}
        says={`${t('unservedIs', { n: total.contacts })} ${t('noQueue')}`}
      />
    </div>
  );
}

function Index({
  name,
  says,
  share,
  before,
  difference,
}: {
  name: string;
  says: string;
  share: Proportion | null;
  before: Proportion | null;
  difference: Difference | null;
}) {
  const t = useWords(reportWords);
  const verdict = { 'too-few': 'tooFew', none: 'noDifference', lower: 'lower', higher: 'higher' } as const;
  return (
    <section class="card reports-index">
      <h2>
        <dfn title={says}>{name}</dfn>
      </h2>
      <p class="reports-value">{share ? percent(share.value, 1) : '–'}</p>
      <p>{share ? t('interval', { low: percent(share.low, 1), high: percent(share.high, 1) }) : t('none')}</p>
      <p class="muted">{says}</p>
      {before && (
        <p>
          {t('before', { value: percent(before.value, 1) })}
          {difference && ` · ${t(verdict[difference.verdict])}`}
        </p>
      )}
    </section>
  );
}

function Small({ name, value, says }: { name: string; value: string; says: string }) {
  return (
    <section class="card reports-small">
      <h2>
        <dfn title={says}>{name}</dfn>
      </h2>
      <p class="reports-value">{value}</p>
      <p class="muted">{says}</p>
    </section>
  );
}

export const FIGURE_HEADS = [
  'contacts',
  'served',
  'unserved',
  'rated',
  'top',
  'negative',
  'support',
  'dissatisfaction',
  'response',
  'occupied',
] as const;

/** Figures as the cells of a table, in the order of `FIGURE_HEADS`. */
export function figureCells(of: Figures): ComponentChildren[] {
  const share = (one: Proportion | null) =>
    one ? (
      <>
        {percent(one.value, 1)}{' '}
        <span class="reports-interval">{`(${percent(one.low, 1)}–${percent(one.high, 1)})`}</span>
      </>
    ) : (
      '–'
    );
  return [
    ...[of.contacts, of.served, of.unserved, of.rated, of.top, of.negative].map((n) => number(n)),
    ...[share(of.support), share(of.dissatisfaction)],
    ...[of.responseRate, of.occupancy].map((one) => (one === null ? '–' : percent(one, 1))),
  ];
}
