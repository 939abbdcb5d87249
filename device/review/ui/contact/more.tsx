import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { ContactPage } from '../../inbox/schema.ts';
import { useMay } from '../me.ts';
import { Menu } from '../parts/menu.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { moreWords } from './more-words.ts';

/** A dialog that is loaded when it is asked for. `changed`: the contact is no longer as it was. */
type Opened = ComponentType<{ onClose: (changed: boolean) => void }>;

/** What else can be done with a contact. */
export function More({
  page: { contact, clip, held },
  reload,
  onErased,
}: {
  page: ContactPage;
  reload: () => void;
  onErased: () => void;
}) {
  const t = useWords(moreWords);
  const may = useMay();
  const [opened, setOpened] = useState<{ Dialog: Opened; after: () => void } | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const { id } = contact;
  const open = (load: () => Promise<Opened>, after: () => void) => () => {
    setWhy(null);
    load().then(
      (Dialog) => setOpened({ Dialog, after }),
      (error: Error) => setWhy(error.message),
    );
  };
  const addToCase = async (): Promise<Opened> => {
    const { AddToCase } = await import('../cases/add-to-case.tsx');
    return ({ onClose }) => <AddToCase contactId={id} onClose={() => onClose(false)} />;
  };
  const hold = async (): Promise<Opened> => {
    const { EndHold, HoldAll } = await import('../cases/hold-dialogs.tsx');
    return ({ onClose }) =>
      held ? <EndHold contactId={id} onClose={onClose} /> : <HoldAll contactIds={[id]} onClose={onClose} />;
  };
  const erase = async (): Promise<Opened> => {
    const { EraseContact } = await import('../cases/erase-contact.tsx');
    return ({ onClose }) => <EraseContact contact={contact} onClose={onClose} />;
  };
  const file = (form: string) => `/api/contacts/${id}/download?form=${form}`;
  const clips = may('clips:read') && clip.state === 'ready' && !clip.needsReason;
  if (!clips && !may('cases:write') && !may('contacts:erase')) return null;
  return (
    <>
      <Menu label={t('more')}>
        {clips && contact.clip?.mediaType?.startsWith('video/') && (
          <a href={file('marked')} download>
            {t('downloadMarked')}
          </a>
        )}
        {clips && (
          <a href={file('original')} download>
            {t('download')}
          </a>
        )}
        {clips && (
          <a href={file('manifest')} download>
            {t('manifest')}
          </a>
        )}
        {may('cases:write') && (
          <button type="button" onClick={open(addToCase, () => {})}>
            {t('addToCase')}
          </button>
        )}
        {may('cases:write') && (
          <button type="button" onClick={open(hold, reload)}>
            {t(held ? 'release' : 'hold')}
          </button>
        )}
        {may('contacts:erase') && (
          <button type="button" class="danger" onClick={open(erase, onErased)}>
            {t('erase')}
          </button>
        )}
      </Menu>
      {why !== null && <Notice kind="error">{t('failedTo', { why })}</Notice>}
      {opened && (
        <opened.Dialog
          onClose={(changed) => {
            setOpened(null);
            if (changed) opened.after();
          }}
        />
      )}
    </>
  );
}
