import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { effectsOf, type SettingsPreview } from './effects.ts';
import { changeBody, shiftBody } from './schema.ts';

/** The settings of the device that a manager may change, with their effect before they are changed. */
export function addSettingRoutes(app: App, { settings, store, shift, clock }: PageParts): void {
  const needs = 'settings:write';

  app.get('/api/settings', { config: { needs: 'settings:read' } }, (request) => {
    const read = settings.read();
    if (whoOf(request).permissions.has(needs)) return read;
    // Whoever knows a card's number can have a copy made of it.
    return { ...read, settings: { ...read.settings, cards: {} } };
  });

  app.post(
    '/api/settings/preview',
    { config: { needs }, schema: { body: changeBody } },
    (request): SettingsPreview => {
      const { change, revision } = request.body;
      const { settings: is, lines } = settings.preview(change, revision);
      const effects = effectsOf(store, is, change, clock.now().wall);
      return { ...effects, lines, writable: settings.read().writable };
    },
  );

  app.put('/api/settings', { config: { needs }, schema: { body: changeBody } }, async (request) => {
    const { change, revision } = request.body;
    // Their names: who has which card is nobody's business. At once: the file is changed, whatever comes of running with it, which the service writes down itself (`reload`).
    if (settings.write(change, revision))
      request.note('settings.change', { settings: Object.keys(change).sort().join(' ') });
    return settings.reload();
  });

  app.post('/api/shifts', { config: { needs }, schema: { body: shiftBody } }, async (request) => {
    const { desk, receptionist } = request.body;
    await shift(desk, receptionist);
    request.note('shift.change', { desk });
    return { desk, receptionist };
  });
}
