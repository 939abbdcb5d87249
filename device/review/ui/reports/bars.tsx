import type { Report } from '../../reports/schema.ts';
import { causeName } from '../causes/name.ts';
import { duration, number, percent, useWords } from '../words.ts';
import { Numbers, Part } from './numbers.tsx';
import { reportWords } from './words.ts';

/** Bars that lie; each with its number. `line`: shares that are added up. */
function Bars({ rows }: { rows: readonly { name: string; value: number; line?: number }[] }) {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <ul class="reports-bars">
      {rows.map(({ name, value, line }) => (
        <li key={name}>
          <span>{name}</span>
          <span class="reports-bar">
            <span style={{ width: `${(value / most) * 100}%` }} />
            {line !== undefined && <i style={{ left: `${line * 100}%` }} />}
          </span>
          <span class="number">{number(value)}</span>
        </li>
      ))}
    </ul>
  );
}

export function Durations({ durations, csv }: { durations: NonNullable<Report['durations']>; csv: string }) {
  const t = useWords(reportWords);
  const { bars, counts, median, p90 } = durations;
  const all = counts.reduce((sum, n) => sum + n, 0);
  const rows = bars.map((from, i) => {
    const to = bars[i + 1];
    const name = to === undefined ? t('over', { from: duration(from) }) : `${duration(from)}–${duration(to)}`;
    return { name, value: counts[i] ?? 0 };
  });
  const text = (ms: number | null) => (ms === null ? '–' : duration(ms));
  return (
    <Part
      title={t('durations')}
      caption={t('durationsCaption', { median: text(median), p90: text(p90) })}
      csv={csv}
      table={
        <Numbers
          caption={t('durations')}
          head={[t('duration'), t('served'), t('share')]}
          rows={rows.map(({ name, value }) => [
            name,
            number(value),
            all === 0 ? '–' : percent(value / all, 1),
          ])}
        />
      }
    >
      <Bars rows={rows} />
    </Part>
  );
}

/** The causes, the most frequent first, and how they add up (Pareto). */
export function Causes({ causes, csv }: { causes: NonNullable<Report['causes']>; csv: string }) {
  const t = useWords(reportWords);
  const all = causes.counts.reduce((sum, { count }) => sum + count, 0);
  let added = 0;
  const rows = causes.counts.map(({ count, ...cause }) => {
    added += count;
    return { name: causeName(cause), value: count, line: added / all };
  });
  const table = (
    <Numbers
      caption={t('causes')}
      head={[t('cause'), t('contacts'), t('share'), t('sum')]}
      rows={rows.map(({ name, value, line }) => [
        ...[name, number(value)],
        ...[percent(value / all, 1), percent(line, 1)],
      ])}
    />
  );
  return (
    <Part
      title={t('causes')}
      caption={rows.length === 0 ? t('noCauses') : t('causesCaption', { n: causes.reviewed, all })}
      csv={csv}
      table={rows.length === 0 ? null : table}
    >
      {rows.length > 0 && <Bars rows={rows} />}
    </Part>
  );
}
