import { useState } from 'preact/hooks';
import type { Causes } from '../../inbox/schema.ts';
import type { SearchChoices } from '../../search/schema.ts';
import { causeName } from '../causes/name.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { Field } from '../parts/field.tsx';
import { tagWords } from '../parts/tag-words.ts';
import { date, useWords } from '../words.ts';
import { type About, boundsOf, parseAbout } from './about.ts';
import { searchWords } from './words.ts';

const TAGS = ['negative', 'neutral', 'positive', 'unrated'] as const;

/** What is searched for. Begins with what the address says; `onSearch` gets what it is to say. */
export function SearchForm({
  asked,
  choices,
  today,
  onSearch,
}: {
  asked: URLSearchParams;
  choices: SearchChoices | null;
  today: string;
  onSearch: (query: URLSearchParams) => void;
}) {
  const t = useWords(searchWords);
  const tags = useWords(tagWords);
  const people = useMay()('staff:read');
  const [values, set] = useState(() => Object.fromEntries(asked));
  const { data } = useLoaded<Causes>('/api/causes');
  const change = (name: string) => (event: { currentTarget: { value: string } }) =>
    set({ ...values, [name]: event.currentTarget.value });
  const input = (name: string, more: object) => (
    <input name={name} value={values[name] ?? ''} onInput={change(name)} {...more} />
  );
  const select = (name: string, options: readonly (readonly [string, string])[]) => (
    <select name={name} value={values[name] ?? ''} onChange={change(name)}>
      <option value="">{t('any')}</option>
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
  const same = (names: readonly string[] = []) => names.map((name) => [name, name] as const);
  const yesOrNo = [
    ['yes', t('yes')],
    ['no', t('no')],
  ] as const;
  const causes = (data?.causes ?? [])
    .filter(({ mergedInto }) => mergedInto === null)
    .map((cause) => [cause.id, causeName(cause)] as const);
  const submit = (event: Event) => {
    event.preventDefault();
    const given = Object.entries(values).filter(([, value]) => value.trim() !== '');
    onSearch(new URLSearchParams(given));
  };
  const about = values.about ?? '';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a form that searches; <search> is not known to all browsers
    <form class="card search-form" role="search" onSubmit={submit}>
      <div class="search-about">
        <Field label={t('about')} hint={t('aboutHint')}>
          {input('about', { maxLength: 120 })}
        </Field>
        <p class="search-understood" role="status">
          {about.trim() !== '' && <Understood about={parseAbout(about, today, choices?.desks ?? [])} />}
        </p>
      </div>
      <div class="search-line">
        <Field label={t('text')}>{input('text', { maxLength: 200 })}</Field>
        <Field label={t('from')}>{input('from', { type: 'date' })}</Field>
        <Field label={t('to')}>{input('to', { type: 'date' })}</Field>
        <Field label={t('tag')}>
          {select(
            'tag',
            TAGS.map((tag) => [tag, tags(tag)] as const),
          )}
        </Field>
        <Field label={t('desk')}>{select('desk', same(choices?.desks))}</Field>
        <Field label={t('cause')}>{select('cause', causes)}</Field>
        {people && (
          <Field label={t('receptionist')}>{select('receptionist', same(choices?.receptionists))}</Field>
        )}
        <Field label={t('min')}>{input('min', { type: 'number', min: 0, max: 600, step: 'any' })}</Field>
        <Field label={t('max')}>{input('max', { type: 'number', min: 0, max: 600, step: 'any' })}</Field>
        <Field label={t('pressed')}>{select('pressed', yesOrNo)}</Field>
        <Field label={t('reviewed')}>{select('reviewed', yesOrNo)}</Field>
      </div>
      <p class="row">
        <button type="submit" class="primary">
          {t('find')}
        </button>
        <button
          type="button"
          onClick={() => {
            set({});
            onSearch(new URLSearchParams());
          }}
        >
          {t('clear')}
        </button>
      </p>
    </form>
  );
}

/** Says back what was understood: a date is easily read wrong. */
function Understood({ about }: { about: About | null }) {
  const t = useWords(searchWords);
  if (!about) return <span class="search-lost">{t('notUnderstood')}</span>;
  const bounds = boundsOf(about);
  // Noon UTC: a day of the calendar, whatever the time zone.
  const named = (day: string) =>
    date(`${day}T12:00:00Z`, {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      timeZone: 'UTC',
    });
  const times =
    bounds && about.minutes !== null
      ? t('between', { from: bounds.from.slice(11), to: bounds.to.slice(11) })
      : about.day === null
        ? null
        : t('allDay');
  const what = [
    about.day === null ? t('anyDay') : named(about.day),
    times,
    about.desk === null ? null : t('atDesk', { desk: about.desk }),
  ];
  return <>{t('understood', { what: what.filter((part) => part !== null).join(', ') })}</>;
}
