import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import { isBlind } from '../inbox/blind.ts';
import type { PageParts } from '../parts.ts';
import { unknownContact } from '../refusal.ts';
import { fileName, manifestOf, sendMarked } from './download.ts';
import { contactId, downloadQuery, openingBody, waveform } from './schema.ts';
import { sendClip } from './send.ts';
import { Turns } from './turns.ts';
import { ClipViews } from './views.ts';
import { watchable } from './watching.ts';
import { namedChannels, Waveforms } from './waveforms.ts';

export { contactId } from './schema.ts';
export { sendClip } from './send.ts';

/** Clips: seen, heard, drawn, taken away; and opened with a reason where nobody complained. */
export function addClipRoutes(app: App, parts: PageParts): void {
  const { store, clips, clock, device, patientSide } = parts;
  const now = () => clock.now().wall;
  const waveforms = new Waveforms(clips);
  const marking = new Turns(1);
  const views = new ClipViews();
  app.decorate('clipViews', views);
  const hearNoMore = store.onErased((id) => {
    waveforms.forget(id);
    views.forget(id);
  });
  app.addHook('onClose', async () => {
    hearNoMore();
    waveforms.close();
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: '/api/contacts/:id/clip',
    config: { needs: 'clips:read' },
    schema: { params: contactId },
    handler: (request, reply) => {
      const { contact } = watchable(store, request.params.id, whoOf(request), now());
      return sendClip(request, reply, contact.id, parts);
    },
  });

  app.post(
    '/api/contacts/:id/open',
    { config: { needs: 'clips:read' }, schema: { params: contactId, body: openingBody } },
    (request) => {
      const { id } = request.params;
      if (!store.contacts.has(id)) throw unknownContact();
      const until = store.cases.open(whoOf(request).accountId, id, request.body, now());
      request.note('clip.open', { contactId: id, reason: request.body.reason });
      return { until: new Date(until).toISOString() };
    },
  );

  app.get(
    '/api/contacts/:id/waveform',
    {
      config: { needs: 'clips:read' },
      schema: { params: contactId, response: { 200: waveform } },
    },
    async (request) => {
      const { contact, clip } = watchable(store, request.params.id, whoOf(request), now());
      waveforms.keep((id) => store.contacts.byId(id)?.clip?.state === 'ready');
      const peaks = await waveforms.of(clip);
      return {
        ...{ duration: clip.duration ?? 0, preRoll: clip.preRoll ?? 0 },
        channels: namedChannels(peaks, patientSide(contact.desk)),
      };
    },
  );

  app.get(
    '/api/contacts/:id/download',
    { config: { needs: 'clips:read' }, schema: { params: contactId, querystring: downloadQuery } },
    async (request, reply) => {
      const { form } = request.query;
      const who = whoOf(request);
      const found = watchable(store, request.params.id, who, now());
      if (form === 'marked') return sendMarked(request, reply, found, parts, marking);
      const name = fileName(found.contact, found.clip, form);
      reply.header('content-disposition', `attachment; filename="${name}"`);
      request.note('clip.download', { contactId: found.contact.id, form });
      if (form === 'manifest')
        return manifestOf(
          found,
          { account: who.name, device, at: new Date(now()).toISOString() },
          isBlind(store, found.contact.id, who),
        );
      return sendClip(request, reply, found.contact.id, parts);
    },
  );
}
