import type { App } from '../app.ts';
import type { ChangeStream } from '../changes.ts';
import { localDay } from '../local-day.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { type HealthNow, MOST, type TodayNow } from './today.ts';

/** The desks as they are now, and what is told to open pages. */
export function addTodayRoutes(app: App, parts: PageParts, changes: ChangeStream): void {
  const { device, store, desks, health, clock } = parts;

  app.get('/api/today', { config: { needs: 'today:read' } }, (): TodayNow => {
    const { wall } = clock.now();
    const { from, to } = localDay(wall);
    const present = desks();
    const contacts = store.today.brief(from, to, MOST + 1);
    return {
      device,
      now: new Date(wall).toISOString(),
      // The page shows the clinic's time, also in a browser that lives in another zone.
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      desks: present,
      contacts: contacts.slice(0, MOST),
      more: contacts.length > MOST,
      indices: store.contacts.indicesOfDesks(
        from,
        to,
        present.map(({ desk }) => desk),
      ),
    };
  });

  app.get('/api/health', { config: { needs: 'today:read' } }, (): HealthNow => health());

  app.get('/api/changes', { exposeHeadRoute: false, config: { needs: 'somebody' } }, (_request, reply) => {
    const stream = changes.join();
    if (!stream) {
      reply.header('retry-after', '10');
      throw new Refusal(503, 'busy', 'Too many pages are open.');
    }
    return reply.type('text/event-stream').send(stream);
  });
}
