import { boundsOf, parseAbout } from './about.ts';

/** What the page's address says, as the API takes it: minutes become seconds, what is remembered becomes bounds. */
export function apiQuery(asked: URLSearchParams, today: string, desks: readonly string[]): string {
  const query = new URLSearchParams();
  for (const name of ['from', 'to', 'desk', 'receptionist', 'tag', 'cause', 'pressed', 'reviewed', 'text'])
    copy(name, asked.get(name));
  for (const name of ['min', 'max']) {
    const minutes = Number(asked.get(name) || Number.NaN);
    if (minutes >= 0) query.set(name, String(Math.min(100_000, Math.round(minutes * 60))));
  }
  const about = parseAbout(asked.get('about') ?? '', today, desks);
  const bounds = about && boundsOf(about);
  copy('from', bounds?.from);
  copy('to', bounds?.to);
  copy('desk', about?.desk);
  return query.toString();

  function copy(name: string, value: string | null | undefined): void {
    if (value) query.set(name, value);
  }
}
