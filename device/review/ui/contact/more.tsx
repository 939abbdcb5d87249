import { useState } from 'preact/hooks';
import type { ErasureReceipt } from '../../cases/schema.ts';
import type { ContactPage } from '../../inbox/schema.ts';
import type { AddToCase as AddToCaseDialog } from '../cases/add-to-case.tsx';
import { useMay } from '../me.ts';
import { Menu } from '../parts/menu.tsx';
import { useWords } from '../words.ts';
import { Erase } from './erase.tsx';
import { Hold } from './hold.tsx';
import { moreWords } from './more-words.ts';

/** What else can be done with a contact. */
export function More({
  page: { contact, clip, held },
  reload,
  onErased,
}: {
  page: ContactPage;
  reload: () => void;
  onErased: (receipt: ErasureReceipt) => void;
}) {
  const t = useWords(moreWords);
  const may = useMay();
  const [open, setOpen] = useState<'hold' | 'erase' | null>(null);
  const [AddToCase, setAddToCase] = useState<typeof AddToCaseDialog | null>(null);
  const addToCase = async () => {
    const loaded = await import('../cases/add-to-case.tsx');
    setAddToCase(() => loaded.AddToCase);
  };
  const file = (form: string) => `/api/contacts/${contact.id}/download?form=${form}`;
  const clips = may('clips:read') && clip.state === 'ready' && !clip.needsReason;
  if (!clips && !may('cases:write') && !may('contacts:erase')) return null;
  return (
    <>
      <Menu label={t('more')}>
        {clips && (
          <a href={file('original')} download>
            {t('download')}
          </a>
        )}
        {clips && contact.clip?.mediaType?.startsWith('video/') && (
          <a href={file('marked')} download>
            {t('downloadMarked')}
          </a>
        )}
        {may('cases:write') && (
          <button type="button" onClick={() => void addToCase()}>
            {t('addToCase')}
          </button>
        )}
        {may('cases:write') && (
          <button type="button" onClick={() => setOpen('hold')}>
            {t(held ? 'release' : 'hold')}
          </button>
        )}
        {may('contacts:erase') && (
          <button type="button" class="danger" onClick={() => setOpen('erase')}>
            {t('erase')}
          </button>
        )}
      </Menu>
      {AddToCase && <AddToCase contactId={contact.id} onClose={() => setAddToCase(null)} />}
      {open === 'hold' && (
        <Hold
          contactId={contact.id}
          held={held !== null}
          onClose={(changed) => {
            setOpen(null);
            if (changed) reload();
          }}
        />
      )}
      {open === 'erase' && (
        <Erase
          contactId={contact.id}
          onClose={(receipt) => {
            setOpen(null);
            if (receipt) onErased(receipt);
          }}
        />
      )}
    </>
  );
}
