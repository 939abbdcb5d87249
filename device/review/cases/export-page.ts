import type { ExportedContact, ExportManifest } from './export-manifest.ts';
import { EXPORT_WORDS } from './export-words.ts';

export type ExportLanguage = keyof typeof EXPORT_WORDS;

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1b2126; }
  article { border-top: 1px solid #c8cdc6; padding: 1rem 0; break-inside: avoid; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
  dt { color: #5b656d; } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
  video, audio { width: 100%; max-height: 24rem; background: #000; } audio { background: none; }
  @media print { video, audio { display: none; } }
`;

/** What is typed by people goes into the page as text. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  return text.replaceAll(/[&<>"']/g, (letter) => `&${names[letter]};`);
}

/** A page to read the case by, without a program and without a network. Times in the machine's zone. */
export function exportPage(manifest: ExportManifest, language: ExportLanguage): string {
  const words = EXPORT_WORDS[language];
  const time = (at: string) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(at));
  const { title, note } = manifest.case;
  const text = escapeHtml;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="script-src 'none'; object-src 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<title>${text(`${words.case}: ${title}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(`${words.case}: ${title}`)}</h1>
<p>${text(words.exported(manifest.exported.by, time(manifest.exported.at), manifest.exported.device))}</p>
${note === '' ? '' : `<p>${text(`${words.note}: ${note}`)}</p>`}
<p>${text(words.check)}</p>
${manifest.contacts.map((contact) => articleOf(contact, language, time)).join('\n')}
</body>
</html>
`;
}

function articleOf(contact: ExportedContact, language: ExportLanguage, time: (at: string) => string): string {
  const words = EXPORT_WORDS[language];
  const { clip, review } = contact;
  const start = Date.parse(contact.startedAt);
  const presses = contact.presses.map(({ rating, time: at }) =>
    words.rating(rating, minutes(Date.parse(at) - start)),
  );
  const tag =
    contact.tag === null
      ? words.blind
      : `${words[contact.tag]}${contact.tagSource === 'reviewer' ? ` (${words.byReviewer})` : ''}`;
  const causes = review?.causes.map((cause) => cause.names[language] ?? cause.names.en ?? cause.id) ?? [];
  const shown = (value = '') => (contact.blind ? words.blind : value || words.none);
  const facts: [string, string][] = [
    [words.desk, contact.desk],
    [words.duration, contact.duration === null ? '' : minutes(contact.duration)],
    [words.tag, tag],
    [words.presses, shown(presses.join('; '))],
    [words.causes, shown(causes.join('; '))],
    [words.comment, shown(review?.comment)],
    ...(review?.answer ? [[words.answer, review.answer.text] as [string, string]] : []),
  ];
  const rows = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<article>
<h2>${escapeHtml(time(contact.startedAt))}</h2>
${clip.file === null ? `<p>${escapeHtml(words.missing)}</p>` : playerOf(clip.file, clip.mediaType, words.download)}
<dl>${rows.join('')}</dl>
</article>`;
}

function playerOf(file: string, mediaType: string | null, download: string): string {
  const kind = mediaType?.startsWith('audio/') ? 'audio' : 'video';
  const name = escapeHtml(file);
  return `<${kind} controls preload="metadata" src="${name}"></${kind}><p><a href="${name}">${escapeHtml(download)}</a></p>`;
}

/** Milliseconds as 3:07; before the arrival with a minus. */
function minutes(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  return `${ms < 0 ? '−' : ''}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
