import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { LogCursor, LogEntry, LogFilter, LogReader } from '../../store/page/log.ts';
import type { Store } from '../../store/store.ts';
import { type Who, whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import { isBlind } from '../inbox/blind.ts';
import { localDay } from '../local-day.ts';
import type { PageParts } from '../parts.ts';
import { CSV_MARK, csvRow } from '../reports/files.ts';
import {
  exportQuery,
  type LogCheck,
  type LogFilterQuery,
  type LogItem,
  type LogNames,
  type LogPage,
  logQuery,
} from './schema.ts';

/** Entries that are read at once for an export: some milliseconds. */
const PIECE = 500;

/** Who did what, newest first; and whether anybody has changed that. */
export function addLogRoutes(app: App, { store, clock }: PageParts): void {
  const { log } = store;
  const read = { needs: 'log:read' } as const;

  app.get('/api/log', { config: read, schema: { querystring: logQuery } }, (request): LogPage => {
    const { after, limit, ...query } = request.query;
    const entries = log.page(filterOf(query), cursorOf(after), limit + 1);
    const items = entries.slice(0, limit);
    const last = entries.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map((entry) => itemOf(shownTo(store, entry, whoOf(request)))),
      next: last ? `${last.wall}_${last.place}` : null,
    };
  });

  app.get('/api/log/names', { config: read }, (): LogNames => log.names());

  app.post(
    '/api/log/verify',
    { config: { ...read, commits: 'nothing' } },
    (): Promise<LogCheck> => log.check(),
  );

  app.get('/api/log/export', { config: read, schema: { querystring: exportQuery } }, (request, reply) => {
    // Of the query only what was given stands in it.
    request.note('log.export', { ...(request.query as Record<string, string>) });
    const today = new Date(clock.now().wall).toLocaleDateString('sv-SE');
    reply.header('content-disposition', `attachment; filename="log-${today}.csv"`);
    const lines = linesOf(log, filterOf(request.query), (entry) => shownTo(store, entry, whoOf(request)));
    return reply.type('text/csv; charset=utf-8').send(Readable.from(lines));
  });
}

function filterOf({ from, to, account, action }: LogFilterQuery): LogFilter {
  return {
    from: from === undefined ? null : dayOf(from).from,
    to: to === undefined ? null : dayOf(to).to,
    account: account ?? null,
    action: action ?? null,
  };
}

function cursorOf(after: string | undefined): LogCursor | null {
  const [wall, place] = after?.split('_').map(Number) ?? [];
  return wall === undefined || place === undefined ? null : { wall, place };
}

const dayOf = (day: string) => localDay(new Date(`${day}T12:00:00`).getTime());

/**
 * Of a contact that the asker is to judge by their own eye: without the tag that it was given, and without the reason for
 * which its clip was opened. Without the salt as well: by it, whoever tries the few there are finds the one that fits `about`.
 */
function shownTo(store: Store, entry: LogEntry, who: Who): LogEntry {
  const { tag, reason, ...target } = entry.target;
  const { contactId } = target;
  const tells = contactId !== undefined && (tag ?? reason) !== undefined;
  if (!tells || !isBlind(store, String(contactId), who)) return entry;
  return { ...entry, target, salt: null };
}

function itemOf({ place, time, actor, account, action, target, outcome, erased }: LogEntry): LogItem {
  return { place, time, actor, account, action, target, outcome, erased };
}

const COLUMNS = [
  ...['place', 'time', 'actor', 'account', 'action', 'target', 'outcome'],
  ...['salt', 'about', 'previous', 'hash'],
] as const;

/** All that a hash is made of goes along: the file can be checked by itself. */
async function* linesOf(
  log: LogReader,
  filter: LogFilter,
  shown: (entry: LogEntry) => LogEntry,
): AsyncGenerator<string> {
  yield CSV_MARK + csvRow(COLUMNS);
  let after: LogCursor | null = null;
  for (;;) {
    const entries: LogEntry[] = log.page(filter, after, PIECE);
    yield entries.map((entry) => csvRow(cellsOf(shown(entry)))).join('');
    if (entries.length < PIECE) return;
    const { wall, place } = entries.at(-1) as LogEntry;
    after = { wall, place };
    await setImmediate();
  }
}

function cellsOf(entry: LogEntry): (string | number | null)[] {
  const { place, time, actor, account, action, target, outcome, salt, about, previous, hash } = entry;
  const text = JSON.stringify(target);
  return [place, time, actor, account, action, text, outcome, salt, about, previous, hash];
}
