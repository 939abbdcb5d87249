import { useState } from 'preact/hooks';
import type { LogCheck } from '../../log/schema.ts';
import { type ApiError, post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { Notice } from '../parts/notice.tsx';
import { shellWords } from '../shell-words.ts';
import { fullTime, useWords } from '../words.ts';
import { logWords } from './words.ts';

/** Has the device go through the whole log, and says what came of it. */
export function Verify() {
  const t = useWords(logWords);
  const s = useWords(shellWords);
  const [busy, setBusy] = useState(false);
  const [check, set] = useState<LogCheck | null>(null);
  const [error, fail] = useState<ApiError | null>(null);
  const verify = async () => {
    setBusy(true);
    fail(null);
    set(null);
    await post<LogCheck>('/api/log/verify').then(set, fail);
    setBusy(false);
  };
  return (
    <section class="log-verify" aria-label={t('verify')}>
      <button type="button" class="no-print" disabled={busy} onClick={verify}>
        {busy ? t('verifying') : t('verify')}
      </button>
      {error && <Notice kind="error">{s('failed', { why: reasonOf(error) })}</Notice>}
      {check && <Result check={check} />}
    </section>
  );
}

function Result({ check: { entries, from, to, forgotten, head, fault } }: { check: LogCheck }) {
  const t = useWords(logWords);
  return (
    <Notice kind={fault ? 'error' : 'done'}>
      <p>
        <strong>
          {fault
            ? t('wrong', {
                place: String(fault.place),
                what: t(fault.what === 'target' ? 'target-changed' : fault.what),
              })
            : t('right', { n: entries })}
        </strong>{' '}
        {from && to && t('span', { from: fullTime(from), to: fullTime(to) })}{' '}
        {forgotten.place > 0 && t('forgotten', { place: String(forgotten.place) })}
      </p>
      <p>
        {t('head', { place: String(head.place) })} <code class="log-hash">{head.hash}</code>
      </p>
      <p>{t('keep')}</p>
    </Notice>
  );
}
