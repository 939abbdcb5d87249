import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZipFile } from 'yazl';
import { CaError } from '../../errors.ts';
import type { CaseRecord, OpeningReason } from '../../store/page/cases.ts';
import type { ReviewFigures } from '../../store/page/review-figures.ts';
import type { ContactRecord } from '../../store/records.ts';
import { type Who, whoOf } from '../access/who.ts';
import { needsReason } from '../clips/watching.ts';
import { isBlind } from '../inbox/blind.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import type { ExportedClip, ExportedContact, ExportManifest } from './export-manifest.ts';
import { type ExportLanguage, exportPage } from './export-page.ts';

/**
 * Sends a case as a zip: clips as they were recorded, what is known of them, their sums, and a page to read it by. Clips
 * are decrypted as they are sent; nothing of them touches a disk.
 */
export async function sendExport(
  request: FastifyRequest,
  reply: FastifyReply,
  found: CaseRecord,
  { reason, language }: { reason?: OpeningReason | undefined; language: ExportLanguage },
  parts: PageParts,
): Promise<FastifyReply> {
  const { store, clock, device, log } = parts;
  const { wall } = clock.now();
  const who = whoOf(request);
  const contacts = store.cases
    .entries(found.id)
    .flatMap(({ contactId }) => store.contacts.byId(contactId) ?? []);
  checkAllowed(contacts, who, reason, parts);
  const exported = { by: who.name, at: new Date(wall).toISOString(), device, reason: reason ?? null };
  const { id, title, note, openedBy, openedAt } = found;
  const causes = store.reports.reviews.causeNames();
  const manifest: ExportManifest = {
    case: { id, title, note, openedBy, openedAt },
    exported,
    contacts: await Promise.all(contacts.map((contact) => describe(contact, { who, causes }, parts))),
  };
  // Of each contact by itself: whoever asks who has seen it finds this, too.
  store.together(() => {
    const why = reason === undefined ? {} : { reason };
    request.note('case.export', { case: id, contacts: contacts.length, ...why });
    for (const contact of contacts)
      request.note('contact.export', { contactId: contact.id, case: id, ...why });
  });

  const zip = new ZipFile();
  const out = zip.outputStream as Readable;
  const breakOff = (error: Error) => {
    log.error({ case: id, err: error }, 'an export broke off');
    // Not ended: what is not whole must not look whole.
    out.destroy(error);
  };
  zip.on('error', breakOff);
  let current: Readable | null = null;
  const mtime = new Date(wall);
  const sums: string[] = [];
  // Asked for one after the other, each when its turn has come: the sums are known by the time they are written.
  const add = (name: string, open: () => Readable) =>
    zip.addReadStreamLazy(name, { compress: false, mtime }, (give) => {
      // yazl leaves the errors of what it reads to whoever gives it.
      current = open().once('error', breakOff);
      give(null, current);
    });
  const text = (name: string, make: () => string) =>
    add(name, () => Readable.from(summed([Buffer.from(make())], name, sums), { objectMode: false }));
  contacts.forEach((contact, n) => {
    const clip = manifest.contacts[n]?.clip;
    const source = contact.clip?.file;
    if (!clip?.file || !source) return;
    const { file } = clip;
    add(file, () =>
      Readable.from(
        summed(parts.clips.open(source), file, sums, (bytes, sha256) => {
          Object.assign(clip, { bytes, sha256, asRecorded: sha256 === contact.clip?.sha256 });
        }),
        { objectMode: false },
      ),
    );
  });
  text('manifest.json', () => `${JSON.stringify(manifest, null, 2)}\n`);
  text('index.html', () => exportPage(manifest, language));
  add('SHA256SUMS', () => Readable.from([Buffer.from(sums.join(''))]));
  zip.end();

  reply.raw.once('close', () => {
    current?.destroy();
    out.destroy();
  });
  return reply
    .type('application/zip')
    .header('content-disposition', `attachment; filename="case-${id}.zip"`)
    .send(out);
}

/** An export is a download of each clip in it. */
function checkAllowed(
  contacts: readonly ContactRecord[],
  who: Who,
  reason: OpeningReason | undefined,
  { store, clock }: PageParts,
): void {
  if (!who.permissions.has('clips:read'))
    throw new Refusal(403, 'not-allowed', 'This account may not have clips.');
  const { wall } = clock.now();
  const closed = contacts.filter(
    (contact) => contact.clip?.state === 'ready' && needsReason(store, contact, who.accountId, wall),
  );
  if (reason === undefined && closed.length > 0)
    throw new Refusal(
      403,
      'reason-needed',
      `Say why: nobody complained about ${closed.length} of the clips.`,
    );
}

async function describe(
  contact: ContactRecord,
  { who, causes }: { who: Who; causes: ReturnType<ReviewFigures['causeNames']> },
  { store, clips, log }: PageParts,
): Promise<ExportedContact> {
  const { id, desk, startedAt, endedAt, duration, clip } = contact;
  const blind = isBlind(store, id, who);
  const { tag, tagSource, presses } = blind ? { tag: null, tagSource: null, presses: [] } : contact;
  const review = blind ? null : store.reviews.of(id);
  const about: ExportedClip = {
    ...{ file: null, missing: null, mediaType: null, bytes: null, sha256: null, asRecorded: null },
    ...{ preRoll: null, cut: null },
  };
  if (clip?.state === 'ready' && clip.file !== null) {
    try {
      await clips.size(clip.file);
      about.file = `clips/${id}.${clip.mediaType === 'audio/mp4' ? 'm4a' : 'mp4'}`;
      Object.assign(about, { mediaType: clip.mediaType, preRoll: clip.preRoll, cut: clip.manifest });
    } catch (error) {
      if (!(error instanceof CaError)) throw error;
      log.error({ contact: id, err: error }, 'a clip is missing in an export');
      about.missing = error.code;
    }
  } else about.missing = clip?.state === 'failed' ? 'failed' : (clip?.reason ?? 'none');
  return {
    ...{ id, desk, startedAt, endedAt, duration, blind, tag, tagSource, clip: about },
    presses: presses.map((press) => ({
      ...{ rating: press.rating, tag: press.tag, time: press.time, button: press.button },
    })),
    review: review && {
      ...{ reviewer: review.reviewer, at: review.at, comment: review.comment },
      causes: review.causes.map((cause) => ({
        id: cause,
        names: causes.get(cause)?.names ?? {},
      })),
      answer: review.answer && { text: review.answer.text, at: review.answer.at },
    },
  };
}

/** The same bytes, and at their end a line of `sha256sum` about them. */
async function* summed(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  name: string,
  sums: string[],
  tell: (bytes: number, sha256: string) => void = () => {},
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of source) {
    hash.update(part);
    bytes += part.length;
    yield part;
  }
  const sha256 = hash.digest('hex');
  sums.push(`${sha256}  ${name}\n`);
  tell(bytes, sha256);
}
