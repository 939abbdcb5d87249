import { useState } from 'preact/hooks';
import type { CaseContact, CasePage } from '../../cases/schema.ts';
import { patch, remove } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { Notice } from '../parts/notice.tsx';
import { fullTime, useWords } from '../words.ts';
import { CaseTable } from './case-table.tsx';
import { EditCase } from './edit-case.tsx';
import { EraseContact } from './erase-contact.tsx';
import { ExportCase } from './export-case.tsx';
import { EndHold, HoldAll } from './hold-dialogs.tsx';
import { caseWords } from './words.ts';

type Open =
  | { dialog: 'edit' | 'hold' | 'export' }
  | { dialog: 'end' | 'erase'; of: CaseContact['contact'] }
  | null;

/** A case and its contacts. */
export function OneCase({ id }: { id: string }) {
  const t = useWords(caseWords);
  const may = useMay();
  const { data, error, reload } = useLoaded<CasePage>(`/api/cases/${id}`);
  const [open, setOpen] = useState<Open>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const change = async (asked: Promise<unknown>) => {
    setFailure(null);
    await asked.catch((refused: unknown) => setFailure(reasonOf(refused)));
    reload();
  };
  const close = (changed = true) => {
    setOpen(null);
    if (changed) reload();
  };
  if (error)
    return (
      <>
        <h1>{t('cases')}</h1>
        <Notice kind="error">{t('failed', { why: reasonOf(error) })}</Notice>
      </>
    );
  if (!data) return <h1>{t('cases')}</h1>;
  const { case: one, contacts } = data;
  const writes = may('cases:write');
  return (
    <>
      <p>
        <a href="/cases">{t('back')}</a>
      </p>
      <div class="cases-head">
        <h1>{one.title}</h1>
        {writes && (
          <div class="row">
            <button type="button" onClick={() => setOpen({ dialog: 'edit' })}>
              {t('edit')}
            </button>
            <button
              type="button"
              disabled={contacts.length === 0}
              onClick={() => setOpen({ dialog: 'hold' })}
            >
              {t('hold')}
            </button>
            <button
              type="button"
              onClick={() => void change(patch(`/api/cases/${id}`, { closed: one.closedAt === null }))}
            >
              {t(one.closedAt === null ? 'close' : 'reopen')}
            </button>
            {may('clips:read') && (
              <button
                type="button"
                class="primary"
                disabled={contacts.length === 0}
                onClick={() => setOpen({ dialog: 'export' })}
              >
                {t('export')}
              </button>
            )}
          </div>
        )}
      </div>
      {failure && <Notice kind="error">{t('failed', { why: failure })}</Notice>}
      <p class="muted cases-facts">
        {t('opened')}: {t('by', { who: one.openedBy, when: fullTime(one.openedAt) })}
        {one.closedAt !== null &&
          `; ${t('closed')}: ${t('by', { who: one.closedBy ?? '', when: fullTime(one.closedAt) })}`}
      </p>
      {one.note !== '' && <p class="card cases-note">{one.note}</p>}
      {contacts.length === 0 ? (
        <p role="status">{t('empty')}</p>
      ) : (
        <CaseTable
          contacts={contacts}
          onTakeOut={writes ? (of) => void change(remove(`/api/cases/${id}/contacts/${of.id}`)) : null}
          onEndHold={writes ? (of) => setOpen({ dialog: 'end', of }) : null}
          onErase={may('contacts:erase') ? (of) => setOpen({ dialog: 'erase', of }) : null}
        />
      )}
      {open?.dialog === 'edit' && <EditCase about={one} onClose={close} />}
      {open?.dialog === 'hold' && (
        <HoldAll contactIds={contacts.map(({ contact }) => contact.id)} onClose={close} />
      )}
      {open?.dialog === 'export' && (
        <ExportCase id={id} needsReason={contacts.some((entry) => entry.needsReason)} onClose={close} />
      )}
      {open?.dialog === 'end' && <EndHold contactId={open.of.id} onClose={close} />}
      {open?.dialog === 'erase' && <EraseContact contact={open.of} onClose={close} />}
    </>
  );
}
