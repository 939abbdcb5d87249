import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { post } from './api.ts';
import { type Account, useMay, useMe } from './me.ts';
import { PAGES, type PageProps } from './pages.ts';
import { Menu } from './parts/menu.tsx';
import { Notice } from './parts/notice.tsx';
import { go, useAddress } from './router.ts';
import { shellWords } from './shell-words.ts';
import { useWords } from './words.ts';

/** The frame of the page for somebody who is signed in: navigation, and the page of the address. */
export function Shell({ account, onSignedOut }: { account: Account; onSignedOut: () => void }) {
  const t = useWords(shellWords);
  const may = useMay();
  const { device } = useMe();
  const address = useAddress();
  const open = PAGES.filter(({ needs }) => needs === null || may(needs));
  const found = open.find(({ path }) => path.test(address.pathname));
  const first = open.find(({ link }) => link !== null)?.link ?? '/account';
  useEffect(() => {
    if (address.pathname === '/') go(first, { replace: true });
  }, [address.pathname, first]);
  const signOut = async () => {
    await post('/api/sign-out').catch(() => {});
    onSignedOut();
  };
  return (
    <>
      <a class="skip" href="#content">
        {t('skip')}
      </a>
      <header class="top">
        <img src="/icon.svg" alt="" width="24" height="24" />
        <span class="device">{device}</span>
        <nav aria-label={t('navigation')}>
          {open.map(({ link, title, path }) =>
            link === null ? null : (
              <a key={link} href={link} aria-current={path.test(address.pathname) ? 'page' : undefined}>
                {t(title)}
              </a>
            ),
          )}
        </nav>
        <Menu label={account.name}>
          <a href="/account">{t('account')}</a>
          {/* Whoever has signed in at a proxy signs out there. */}
          {account.by === 'session' && (
            <button type="button" onClick={signOut}>
              {t('signOut')}
            </button>
          )}
        </Menu>
      </header>
      <main id="content" tabIndex={-1}>
        {found ? (
          <Loading
            key={found.title}
            load={found.load}
            params={found.path.exec(address.pathname)?.groups ?? {}}
            title={t(found.title)}
          />
        ) : address.pathname === '/' ? null : (
          <h1>{t('notFound')}</h1>
        )}
      </main>
    </>
  );
}

function Loading({
  load,
  params,
  title,
}: {
  load: () => Promise<{ default: ComponentType<PageProps> }>;
  params: Readonly<Record<string, string>>;
  title: string;
}) {
  const t = useWords(shellWords);
  const [Page, set] = useState<ComponentType<PageProps> | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  useEffect(() => {
    document.title = `${title} · Contact Analyzer`;
    let there = true;
    load().then(
      (loaded) => there && set(() => loaded.default),
      (error: Error) => there && setWhy(error.message),
    );
    return () => {
      there = false;
    };
  }, [load, title]);
  if (Page) return <Page params={params} />;
  if (why === null) return <p class="muted">{t('loading')}</p>;
  // A tab that was open during an update asks for files that are gone: the new page knows the new ones.
  return (
    <>
      <h1>{title}</h1>
      <Notice kind="error">{t('failed', { why })}</Notice>
      <button type="button" onClick={() => location.reload()}>
        {t('again')}
      </button>
    </>
  );
}
