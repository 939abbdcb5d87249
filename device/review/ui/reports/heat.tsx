import type { ComponentChildren } from 'preact';
import type { Report } from '../../reports/schema.ts';
import { date, number, percent, useWords } from '../words.ts';
import { Part } from './numbers.tsx';
import { reportWords } from './words.ts';

type Heat = NonNullable<Report['heat']>;

const LEVELS = 5;
const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6];
/** 5 January 1970 was a Monday. */
const weekday = (i: number) => date((4 + i) * 86_400_000, { timeZone: 'UTC', weekday: 'long' });

/** Contacts, hour by weekday. */
export function Load({ heat, csv }: { heat: Heat; csv: string }) {
  const t = useWords(reportWords);
  const mean = (day: number, hour: number) =>
    (heat.contacts[day]?.[hour] ?? 0) / Math.max(1, heat.days[day] ?? 0);
  const hours = busyHours(heat);
  const most = Math.max(...WEEKDAYS.flatMap((day) => hours.map((hour) => mean(day, hour))));
  return (
    <Part title={t('load')} caption={t('loadCaption')} csv={csv}>
      <Cells
        name={t('load')}
        hours={hours}
        level={(day, hour) => (most === 0 ? 0 : mean(day, hour) / most)}
        text={(day, hour) => {
          const value = mean(day, hour);
          return number(value, { maximumFractionDigits: value < 10 ? 1 : 0 });
        }}
      />
    </Part>
  );
}

/** How much of the hour somebody was at a desk, hour by weekday. */
export function Occupied({ heat, csv }: { heat: Heat; csv: string }) {
  const t = useWords(reportWords);
  const share = (day: number, hour: number) => heat.occupied[day]?.[hour] ?? null;
  return (
    <Part title={t('occupiedTime')} caption={t('occupiedCaption')} csv={csv}>
      <Cells
        name={t('occupiedTime')}
        hours={busyHours(heat)}
        level={(day, hour) => share(day, hour) ?? 0}
        text={(day, hour) => {
          const value = share(day, hour);
          return value === null ? '–' : percent(value);
        }}
      />
    </Part>
  );
}

/** From the first hour of the clock in which anybody came or was there to the last. */
function busyHours(heat: Heat): number[] {
  const busy = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) =>
    WEEKDAYS.some((day) => (heat.contacts[day]?.[hour] ?? 0) > 0 || (heat.occupied[day]?.[hour] ?? 0) > 0),
  );
  const [first = 8, last = 17] = [busy[0], busy.at(-1)];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Hour by weekday: the numbers themselves, coloured. `level`: from 0 to 1. */
function Cells({
  name,
  hours,
  level,
  text,
}: {
  name: string;
  hours: readonly number[];
  level: (day: number, hour: number) => number;
  text: (day: number, hour: number) => ComponentChildren;
}) {
  const t = useWords(reportWords);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled has to be reached by keyboard
    // biome-ignore lint/a11y/useSemanticElements: nothing is filled in
    <div class="scroll" tabIndex={0} role="group" aria-label={name}>
      <table class="reports-heat">
        <caption class="unseen">{name}</caption>
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
          {WEEKDAYS.map((day) => (
            <tr key={day}>
              <th scope="row">{weekday(day)}</th>
              {hours.map((hour) => (
                <td key={hour} class={`number reports-heat-${Math.ceil(level(day, hour) * LEVELS)}`}>
                  {text(day, hour)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
