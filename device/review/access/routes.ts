import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { addAccountRoutes } from './account-routes.ts';
import type { Me } from './me.ts';
import { addOwnRoutes } from './own-routes.ts';
import { addSignInRoutes } from './sign-in-routes.ts';

/** Who looks at the page, and who may. */
export function addAccessRoutes(app: App, parts: PageParts): void {
  const { device, store } = parts;

  app.get('/api/me', { config: { needs: 'anyone' } }, (request): Me => {
    const { who } = request;
    const looks = who && store.accounts.byId(who.accountId);
    return {
      device,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      setUp: store.accounts.none(),
      account: who && {
        ...{ name: who.name, role: who.role, permissions: [...who.permissions], by: who.by },
        ...{ receptionist: who.receptionist, language: looks?.language ?? null, theme: looks?.theme ?? null },
      },
      csrf: who?.csrf ?? '',
    };
  });
  addSignInRoutes(app, parts);
  addOwnRoutes(app, parts);
  addAccountRoutes(app, parts);
}
