import { noted } from '../access/one-commit.ts';
import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { effectsOf, type SettingsPreview } from './effects.ts';
import { changeBody, shiftBody } from './schema.ts';

/** The settings of the device that a manager may change, with their effect before they are changed. */
export function addSettingRoutes(app: App, { settings, store, shift, desks, clock }: PageParts): void {
  const needs = 'settings:write';

  app.get('/api/settings', { config: { needs: 'settings:read' } }, (request) => {
    const read = settings.read();
    if (whoOf(request).permissions.has(needs)) return read;
    // Whoever knows a card's number can have a copy made of it.
    return { ...read, settings: { ...read.settings, cards: {} } };
  });

  app.post(
    '/api/settings/preview',
    { config: { needs, commits: 'nothing' }, schema: { body: changeBody } },
    (request): SettingsPreview => {
      const { change, revision } = request.body;
      const { settings: is, lines, writable } = settings.preview(change, revision);
      return { ...effectsOf(store, is, change, clock.now().wall), lines, writable };
    },
  );

  const writes = { needs, commits: 'itself' } as const;
  app.put('/api/settings', { config: writes, schema: { body: changeBody } }, async (request) => {
    const { change, revision } = request.body;
    // Their names: who has which card is nobody's business. What comes of running with the file the service writes down itself (`reload`).
    const about = { settings: Object.keys(change).sort().join(' ') };
    if (settings.preview(change, revision).lines.length > 0)
      await noted(request, 'settings.change', about, () => settings.write(change, revision));
    return settings.reload();
  });

  app.post('/api/shifts', { config: writes, schema: { body: shiftBody } }, async (request) => {
    const { desk, receptionist } = request.body;
    const known = desks().some((one) => one.desk === desk);
    await noted(request, 'shift.change', known ? { desk } : {}, () => shift(desk, receptionist));
    return { desk, receptionist };
  });
}
