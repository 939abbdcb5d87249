import type { FastifyRequest } from 'fastify';
import type { BriefContact } from '../../store/page/today.ts';
import type { Store } from '../../store/store.ts';
import { type Who, whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import type { ChangeStream } from '../changes.ts';
import { isBlind } from '../inbox/blind.ts';
import { localDay } from '../local-day.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { type HealthNow, MOST, type TodayContact, type TodayNow } from './today.ts';

/** The desks as they are now, and what is told to open pages. */
export function addTodayRoutes(app: App, parts: PageParts, changes: ChangeStream): void {
  const { device, store, desks, health, clock } = parts;

  app.get('/api/today', { config: { needs: 'today:read' } }, (request): TodayNow => {
    const who = whoOf(request);
    const { wall } = clock.now();
    const { from, to } = localDay(wall);
    const present = desks().map((desk) =>
      // Whoever sees contacts come, and who is there meanwhile, knows whose they are.
      who.permissions.has('staff:read') ? desk : { ...desk, receptionist: null },
    );
    const contacts = store.today.brief(from, to, MOST + 1);
    return {
      device,
      now: new Date(wall).toISOString(),
      // The page shows the clinic's time, also in a browser that lives in another zone.
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      desks: present,
      contacts: contacts.slice(0, MOST).map((contact) => shownTo(store, contact, who)),
      more: contacts.length > MOST,
      indices: store.contacts.indicesOfDesks(
        from,
        to,
        present.map(({ desk }) => desk),
      ),
    };
  });

  app.get('/api/health', { config: { needs: 'today:read' } }, (): HealthNow => health());

  app.get('/api/changes', { exposeHeadRoute: false, config: { needs: 'somebody' } }, (request, reply) => {
    const { accountId } = whoOf(request);
    const stream = changes.join({ accountId, stays: () => stillIs(accountId, request) });
    if (!stream) {
      reply.header('retry-after', '10');
      throw new Refusal(503, 'busy', 'Too many pages are open.');
    }
    return reply.type('text/event-stream').send(stream);
  });

  /** A page that is left open is no use of its session: that ends all the same. */
  function stillIs(accountId: string, request: FastifyRequest): boolean {
    try {
      return parts.identify(request, false)?.accountId === accountId;
    } catch {
      // Whatever it is, the page asks again and is told.
      return false;
    }
  }
}

function shownTo(store: Store, contact: BriefContact, who: Who): TodayContact {
  if (!isBlind(store, contact.id, who)) return { ...contact, blind: false };
  return { ...contact, blind: true, tag: null, tagSource: null, presses: [] };
}
