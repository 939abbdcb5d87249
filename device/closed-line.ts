import type { ContactRecord } from './store/records.ts';

/** The line printed when a closed contact has been published: `contact closed front 09:15:02 14.2 s negative clip …`. Nothing personal is in it. */
export function closedLine(data: unknown): string {
  const contact = data as ContactRecord;
  const { clip } = contact;
  return [
    'contact closed',
    contact.desk,
    contact.startedAt,
    `${((contact.duration ?? 0) / 1_000).toFixed(1)} s`,
    contact.tag,
    clip === null ? 'no clip yet' : clip.state === 'ready' ? `clip ${clip.file}` : `no clip: ${clip.reason}`,
  ].join('  ');
}
