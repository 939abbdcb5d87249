import type { ComponentChildren } from 'preact';
import type { Estimate, IndicesRecord } from '../../../store/records.ts';
import { number, percent, useWords } from '../words.ts';
import { words } from './words.ts';

/** "41–79 %", by the page's language. */
export function intervalOf({ low, high }: Estimate): string {
  return `${number(Math.round(low * 100))}–${percent(high)}`;
}

/** The four figures of the day. */
export function Figures({ day }: { day: IndicesRecord }) {
  const t = useWords(words);
  const { served, rated, top, negative } = day;
  return (
    <section class="today-figures" aria-label={t('figures')}>
      <Index
        name="support"
        title={t('support')}
        estimate={day.support}
        meaning={t('supportOf', { n: served, top })}
      />
      <Index
        name="dissatisfaction"
        title={t('dissatisfaction')}
        estimate={day.dissatisfaction}
        meaning={t('dissatisfactionOf', { n: served, negative })}
      />
      <Figure name="served" title={t('served')} value={number(served)} meaning={t('servedMeans')} />
      <Figure
        name="response"
        title={t('response')}
        value={day.responseRate === null ? '–' : percent(day.responseRate)}
        meaning={served === 0 ? t('nobody') : t('responseOf', { n: served, rated })}
      />
    </section>
  );
}

function Index(props: { name: string; title: string; estimate: Estimate | null; meaning: string }) {
  const t = useWords(words);
  const { estimate, ...about } = props;
  if (!estimate) return <Figure {...about} value="–" meaning={t('nobody')} />;
  const band = { left: `${estimate.low * 100}%`, width: `${(estimate.high - estimate.low) * 100}%` };
  return (
    <Figure
      {...about}
      value={percent(estimate.value)}
      range={
        <p class="today-interval">
          <span class="today-track" aria-hidden="true">
            <span class="today-band" style={band} />
            <span class="today-point" style={{ left: `${estimate.value * 100}%` }} />
          </span>
          <span class="muted">{t('interval')}</span> {intervalOf(estimate)}
        </p>
      }
    />
  );
}

function Figure(props: {
  name: string;
  title: string;
  value: string;
  meaning: string;
  range?: ComponentChildren;
}) {
  return (
    <div class="card today-figure" data-figure={props.name}>
      <h2>{props.title}</h2>
      <p class="today-value">{props.value}</p>
      {props.range}
      <p class="muted">{props.meaning}</p>
    </div>
  );
}
