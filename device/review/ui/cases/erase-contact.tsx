import { useState } from 'preact/hooks';
import type { ErasureReceipt } from '../../cases/schema.ts';
import { remove } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useMe } from '../me.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Notice } from '../parts/notice.tsx';
import { fullTime, useWords } from '../words.ts';
import { eraseWords } from './erase-words.ts';
import './cases.css';

/** Erases a contact after it has been said what goes and what stays, and shows the receipt. For accounts that may `contacts:erase`. */
export function EraseContact({
  contact,
  onClose,
}: {
  contact: { readonly id: string; readonly desk: string; readonly startedAt: string };
  /** `erased`: it is gone. */
  onClose: (erased: boolean) => void;
}) {
  const t = useWords(eraseWords);
  const { device, account } = useMe();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [receipt, setReceipt] = useState<ErasureReceipt | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const erase = async () => {
    setBusy(true);
    setFailure(null);
    try {
      setReceipt(await remove<ErasureReceipt>(`/api/contacts/${contact.id}`, { confirm: contact.id }));
    } catch (error) {
      setFailure(reasonOf(error));
    }
    setBusy(false);
  };
  if (receipt)
    return (
      <Dialog title={t('receipt')} onClose={() => onClose(true)}>
        <div class="cases-printed">
          <Notice kind="done">{t('done')}</Notice>
          <dl class="cases-receipt">
            <dt>{t('id')}</dt>
            <dd>{receipt.contactId}</dd>
            <dt>{t('at')}</dt>
            <dd>{fullTime(receipt.erasedAt)}</dd>
            <dt>{t('device')}</dt>
            <dd>{device}</dd>
            <dt>{t('by')}</dt>
            <dd>{account?.name}</dd>
          </dl>
          <p class="row no-print">
            <button type="button" onClick={() => print()}>
              {t('print')}
            </button>
            <button type="button" class="primary" onClick={() => onClose(true)}>
              {t('close')}
            </button>
          </p>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={t('title')} onClose={() => onClose(false)}>
      <div class="cases-form">
        {failure && <Notice kind="error">{t('failed', { why: failure })}</Notice>}
        <p>
          <strong>{t('which', { time: fullTime(contact.startedAt), desk: contact.desk })}</strong>
        </p>
        <p>{t('goes')}</p>
        <p>{t('stays')}</p>
        <label class="cases-sure">
          <input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />{' '}
          {t('sure')}
        </label>
        <p class="row">
          <button type="button" class="danger" disabled={!sure || busy} onClick={() => void erase()}>
            {t('erase')}
          </button>
          <button type="button" onClick={() => onClose(false)}>
            {t('cancel')}
          </button>
        </p>
      </div>
    </Dialog>
  );
}
