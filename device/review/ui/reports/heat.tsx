import type { Report } from '../../reports/schema.ts';
import { date, number, useWords } from '../words.ts';
import { Part } from './numbers.tsx';
import { reportWords } from './words.ts';

const LEVELS = 5;
/** 5 January 1970 was a Monday. */
const weekday = (i: number) => date((4 + i) * 86_400_000, { timeZone: 'UTC', weekday: 'long' });

/** Hour by weekday: the numbers themselves, coloured. */
export function Heat({ heat, csv }: { heat: NonNullable<Report['heat']>; csv: string }) {
  const t = useWords(reportWords);
  const busy = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) =>
    heat.contacts.some((day) => (day[hour] ?? 0) > 0),
  );
  const [first = 8, last = 17] = [busy[0], busy.at(-1)];
  const hours = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const mean = (day: number, hour: number) =>
    (heat.contacts[day]?.[hour] ?? 0) / Math.max(1, heat.days[day] ?? 0);
  const most = Math.max(...heat.contacts.flatMap((_, day) => hours.map((hour) => mean(day, hour))));
  return (
    <Part title={t('load')} caption={t('loadCaption')} csv={csv}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled has to be reached by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: nothing is filled in */}
      <div class="scroll" tabIndex={0} role="group" aria-label={t('load')}>
        <table class="reports-heat">
          <thead>
            <tr>
              <th scope="col">{t('weekday')}</th>
              {hours.map((hour) => (
                <th key={hour} scope="col" class="number">
                  {`${hour}:00`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {heat.contacts.map((_, day) => (
              <tr key={day}>
                <th scope="row">{weekday(day)}</th>
                {hours.map((hour) => {
                  const value = mean(day, hour);
                  const level = most === 0 ? 0 : Math.ceil((value / most) * LEVELS);
                  return (
                    <td key={hour} class={`number reports-heat-${level}`}>
                      {number(value, { maximumFractionDigits: value < 10 ? 1 : 0 })}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}
