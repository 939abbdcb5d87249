import { useMemo } from 'preact/hooks';
import type { Bucket, Report } from '../../reports/schema.ts';
import { date, dayName, language, number, percent, useWords } from '../words.ts';
import { Chart, type Line } from './chart.tsx';
import { FIGURE_HEADS, figureCells } from './indices.tsx';
import { Numbers, Part } from './numbers.tsx';
import { bucketsWith } from './period.ts';
import { reportWords } from './words.ts';

/** A bucket's name: its day, its month, or its hour. */
export function bucketName(from: string, by: Report['by']): string {
  const [day = '', hour] = from.split('T');
  if (hour !== undefined) return `${hour}:00`;
  return by === 'month' ? date(day, { month: 'short', year: 'numeric' }) : dayName(day);
}

const index = (series: readonly Bucket[], of: 'support' | 'dissatisfaction', colour: string): Line => ({
  colour,
  values: series.map((one) => one[of]?.value ?? null),
  low: series.map((one) => one[of]?.low ?? null),
  high: series.map((one) => one[of]?.high ?? null),
});

/** Both indices, and the contacts, over time. */
export function Series({ report, csv }: { report: Report; csv: string }) {
  const t = useWords(reportWords);
  const { series, by, annotations, receptionist } = report;
  // Of one person there are only the weeks that can be told: those of two periods do not lie side by side.
  const compare = receptionist === null ? report.compare : null;
  const spoken = language();
  const drawn = useMemo(() => {
    const names = series.map(({ from }) => bucketName(from, by));
    const compared = (of: 'support' | 'dissatisfaction', colour: string): Line[] =>
      compare
        ? [{ colour, dashed: true, values: series.map((_, i) => compare.series[i]?.[of]?.value ?? null) }]
        : [];
    return {
      names,
      marks: bucketsWith(
        series.map(({ from }) => from),
        annotations.map(({ day }) => day),
      ),
      indices: [
        index(series, 'support', 'positive'),
        index(series, 'dissatisfaction', 'negative'),
        ...compared('support', 'positive'),
        ...compared('dissatisfaction', 'negative'),
      ],
      contacts: [
        { colour: 'field-line', bars: true, values: series.map((one) => one.contacts) },
        { colour: 'accent', bars: true, values: series.map((one) => one.served) },
      ],
    };
  }, [report, spoken]);
  const table = (
    <Numbers
      caption={t('indicesOverTime')}
      head={['', ...FIGURE_HEADS.map((head) => t(head))]}
      rows={series.map((bucket, i) => [drawn.names[i], ...figureCells(bucket)])}
    />
  );
  return (
    <>
      <Part title={t('indicesOverTime')} caption={t('indicesCaption')} csv={csv} table={table}>
        <Key
          items={[
            [t('support'), 'positive'],
            [t('dissatisfaction'), 'negative'],
          ]}
        />
        <Chart
          label={`${t('indicesOverTime')}. ${t('indicesCaption')}`}
          names={drawn.names}
          lines={drawn.indices}
          marks={drawn.marks}
          format={wholePercent}
        />
      </Part>
      <Part title={t('contactsOverTime')} caption={t('contactsCaption')} table={table}>
        <Key
          items={[
            [t('contacts'), 'all'],
            [t('served'), 'served'],
          ]}
        />
        <Chart
          label={`${t('contactsOverTime')}. ${t('contactsCaption')}`}
          names={drawn.names}
          lines={drawn.contacts}
          marks={drawn.marks}
          format={whole}
        />
      </Part>
    </>
  );
}

const wholePercent = (value: number) => percent(value, 1);
const whole = (value: number) => number(value);

function Key({ items }: { items: readonly (readonly [name: string, kind: string])[] }) {
  return (
    <ul class="reports-key">
      {items.map(([name, kind]) => (
        <li key={kind} class={`reports-key-${kind}`}>
          {name}
        </li>
      ))}
    </ul>
  );
}
