import type { ComponentType } from 'preact';
import type { Permission } from '../access/permissions.ts';
import type { shellWords } from './shell-words.ts';

export interface PageEntry {
  /** Pattern of the path; its groups are given to the page as `params`. */
  readonly path: RegExp;
  readonly title: keyof (typeof shellWords)['en'];
  /** Where it stands in the navigation; null: only linked to. */
  readonly link: string | null;
  /** null: everybody who is signed in. */
  readonly needs: Permission | null;
  readonly load: () => Promise<{ default: ComponentType<PageProps> }>;
}

export interface PageProps {
  readonly params: Readonly<Record<string, string>>;
}

/** The whole page, as a table. */
export const PAGES: readonly PageEntry[] = [
  {
    path: /^\/inbox$/,
    title: 'inbox',
    link: '/inbox',
    needs: 'contacts:read',
    load: () => import('./inbox/page.tsx'),
  },
  {
    path: /^\/contacts\/(?<id>[\w-]+)$/,
    title: 'contact',
    link: null,
    needs: 'contacts:read',
    load: () => import('./contact/page.tsx'),
  },
  {
    path: /^\/today$/,
    title: 'today',
    link: '/today',
    needs: 'today:read',
    load: () => import('./today/page.tsx'),
  },
  {
    path: /^\/search$/,
    title: 'search',
    link: '/search',
    needs: 'contacts:read',
    load: () => import('./search/page.tsx'),
  },
  {
    path: /^\/cases(\/(?<id>[\w-]+))?$/,
    title: 'cases',
    link: '/cases',
    needs: 'cases:read',
    load: () => import('./cases/page.tsx'),
  },
  {
    path: /^\/reports$/,
    title: 'reports',
    link: '/reports',
    needs: 'reports:read',
    load: () => import('./reports/page.tsx'),
  },
  {
    path: /^\/own(\/(?<id>[\w-]+))?$/,
    title: 'own',
    link: '/own',
    needs: 'own:read',
    load: () => import('./own/page.tsx'),
  },
  {
    path: /^\/settings$/,
    title: 'settings',
    link: '/settings',
    needs: 'settings:read',
    load: () => import('./settings/page.tsx'),
  },
  {
    path: /^\/accounts$/,
    title: 'accounts',
    link: '/accounts',
    needs: 'accounts:write',
    load: () => import('./access/page.tsx'),
  },
  { path: /^\/log$/, title: 'log', link: '/log', needs: 'log:read', load: () => import('./log/page.tsx') },
  {
    path: /^\/account$/,
    title: 'account',
    link: null,
    needs: null,
    load: () => import('./access/own-page.tsx'),
  },
];
