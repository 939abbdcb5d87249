import { dataFolder } from '../config/load.ts';
import { CaError } from './errors.ts';
import { checkLog } from './store/actions.ts';
import type { LogCheck, LogFault, LogHead } from './store/log-chain.ts';
import { openForReading } from './store/open.ts';

/**
 * Goes through the log of actions beside the service, and prints how much there is, where it ends, and whether every
 * entry is as it was written. Returns whether it is. @throws CaError CA_USAGE, CA_STORE_UNUSABLE
 */
export function verifyLog({
  config,
  anchor,
  print,
}: {
  /** Path of the config. */
  config: string;
  /** A head that was kept elsewhere, as `place:hash`. */
  anchor: string | undefined;
  print: (line: string) => void;
}): boolean {
  const kept = anchor === undefined ? null : parseHead(anchor);
  const db = openForReading(dataFolder(config));
  try {
    const check = checkedLog(db, kept);
    for (const line of linesOf(check)) print(line);
    return check.fault === null;
  } finally {
    db.close();
  }
}

function checkedLog(db: ReturnType<typeof openForReading>, anchor: LogHead | null): LogCheck {
  const pieces = checkLog(db, anchor);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

function parseHead(text: string): LogHead {
  const [, place = '', hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash !== '') return { place: Number(place), hash };
  throw new CaError('CA_USAGE', `--anchor ${text} is no head of a log`, {
    remedy: 'Give it as verify-log printed it, or the health of the device told it: PLACE:HASH.',
  });
}

function* linesOf({ entries, from, to, forgotten, head, fault, anchor }: LogCheck): Generator<string> {
  const older =
    forgotten.place === 0 ? '' : `; those up to place ${forgotten.place} were forgotten for their age`;
  yield `entries  ${entries}${older}`;
  if (from !== null) yield `from     ${from}`;
  if (to !== null) yield `to       ${to}`;
  yield `head     ${head.place}:${head.hash}`;
  if (anchor === 'met' && fault?.what !== 'anchor') yield 'anchor   is in the log as it was';
  if (anchor === 'forgotten') yield 'anchor   was forgotten for its age: what came before it cannot be told';
  yield fault === null
    ? 'OK: every entry is as it was written'
    : `WRONG at place ${fault.place}: ${FAULTS[fault.what]}`;
}

const FAULTS: Record<LogFault, string> = {
  changed: 'the entry is not as it was written',
  target: 'what the entry was about is not as it was written',
  order: 'the entry was not written after the one before it: entries are missing, new or moved',
  emptied: 'what the entry was about is gone, and no erasure of a contact took it',
  end: 'the log does not end where it was written last: entries are missing',
  anchor: 'the log has another entry there than the anchor says, or none: it was written anew or cut off',
};
