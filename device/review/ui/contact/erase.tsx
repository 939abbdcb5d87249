import { useState } from 'preact/hooks';
import type { ErasureReceipt } from '../../cases/schema.ts';
import { remove } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { moreWords } from './more-words.ts';

/** Asks once more before a contact is erased for ever. */
export function Erase({
  contactId,
  onClose,
}: {
  contactId: string;
  /** null: it was not erased. */
  onClose: (receipt: ErasureReceipt | null) => void;
}) {
  const t = useWords(moreWords);
  const [why, setWhy] = useState<string | null>(null);
  const [erasing, setErasing] = useState(false);
  const erase = async () => {
    setErasing(true);
    try {
      onClose(await remove<ErasureReceipt>(`/api/contacts/${contactId}`, { confirm: contactId }));
    } catch (error) {
      setErasing(false);
      setWhy((error as Error).message);
    }
  };
  return (
    <Dialog title={t('eraseTitle')} onClose={() => onClose(null)}>
      <div class="contact-form">
        <p>{t('eraseAbout')}</p>
        {why !== null && <Notice kind="error">{t('failedTo', { why })}</Notice>}
        <div class="row">
          <button type="button" onClick={() => onClose(null)}>
            {t('cancel')}
          </button>
          <button type="button" class="danger" disabled={erasing} onClick={() => void erase()}>
            {t('eraseYes')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
