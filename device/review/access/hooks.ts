import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { checkForgery } from './forgery.ts';
import { inOneCommit } from './one-commit.ts';

/** Finds out who asks, and refuses what they may not do, before each route. */
export async function addAccess(app: App, { access, identify, store, clock }: PageParts): Promise<void> {
  app.decorateRequest('who', null);
  app.decorateRequest('note', () => {});
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/api/') && route.config?.needs === undefined)
      throw new Error(`${route.url} does not say who may use it`);
    inOneCommit(route, store);
  });
  await app.register(fastifyCookie);
  app.addHook('onRequest', async (request) => {
    request.note = (action, target = {}, outcome = 'ok') =>
      store.logAction({
        ...{ wall: clock.now().wall, actor: 'page', account: request.who?.name ?? null },
        ...{ action, target, outcome },
      });
    // The page asks by itself whenever contacts change: nobody uses the session.
    request.who = identify(request, request.headers['x-by-itself'] === undefined);
    checkForgery(request, request.who, access.proxied(request));
    const needs = request.routeOptions.config.needs ?? 'anyone';
    if (needs === 'anyone') return;
    if (!request.who) throw new Refusal(401, 'sign-in', 'Sign in first.');
    if (needs === 'somebody') return;
    if (needs === 'person') {
      if (request.who.by !== 'token') return;
      throw new Refusal(403, 'person-only', 'A token may not do that: sign in for it.');
    }
    if (!request.who.permissions.has(needs))
      throw new Refusal(403, 'not-allowed', 'This account may not do that.');
  });
  // Where a route asks for it. What it remembers of addresses is bounded, and gone with the process.
  await app.register(fastifyRateLimit, {
    global: false,
    keyGenerator: (request) => access.addressOf(request),
    errorResponseBuilder: () => new Refusal(429, 'too-many', 'Too many attempts: wait a minute.'),
  });
}
