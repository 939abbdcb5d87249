import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Me } from '../access/me.ts';
import { SignIn } from './access/sign-in.tsx';
import { get, useCsrf as keepCsrf, whenSignedOut } from './api.ts';
import { MeContext, whenMeChanged } from './me.ts';
import { Notice } from './parts/notice.tsx';
import { follow } from './router.ts';
import { Shell } from './shell.tsx';
import { shellWords } from './shell-words.ts';
import { keepTime, preferred, speak, useWords } from './words.ts';

function Page() {
  const t = useWords(shellWords);
  const [me, set] = useState<Me | null>(null);
  const [lost, setLost] = useState(false);
  const load = useCallback(async () => {
    try {
      const now = await get<Me>('/api/me');
      keepCsrf(now.csrf);
      keepTime(now.timeZone);
      speak(now.account?.language ?? preferred());
      const theme = now.account?.theme;
      if (theme) document.documentElement.dataset.theme = theme;
      else delete document.documentElement.dataset.theme;
      setLost(false);
      set(now);
    } catch {
      setLost(true);
      setTimeout(load, 2_000);
    }
  }, []);
  useEffect(() => {
    whenSignedOut(() => void load());
    void load();
    return whenMeChanged(() => void load());
  }, [load]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: links bring their own keys
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears of the links within
    <div class="page" onClick={follow}>
      {lost && <Notice kind="warning">{t('unreachable')}</Notice>}
      {me && (
        <MeContext.Provider value={me}>
          {me.account ? (
            <Shell account={me.account} onSignedOut={load} />
          ) : (
            <SignIn me={me} onSignedIn={load} />
          )}
        </MeContext.Provider>
      )}
    </div>
  );
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
