import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { language, useWords } from '../words.ts';
import { caseWords } from './words.ts';

const REASONS = ['complaint', 'training', 'request', 'technical'] as const;

/** Says what an export is, asks for a reason where one is needed, and begins the download. */
export function ExportCase({
  id,
  needsReason,
  onClose,
}: {
  id: string;
  needsReason: boolean;
  onClose: (changed: boolean) => void;
}) {
  const t = useWords(caseWords);
  const [reason, setReason] = useState('');
  const query = new URLSearchParams({ language: language(), ...(reason === '' ? {} : { reason }) });
  const ready = !needsReason || reason !== '';
  return (
    <Dialog title={t('exportTitle')} onClose={() => onClose(false)}>
      <div class="cases-form">
        <p>{t('exportWhat')}</p>
        {needsReason && (
          <Field label={t('exportReason')}>
            <select value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
              <option value="">{t('choose')}</option>
              {REASONS.map((one) => (
                <option key={one} value={one}>
                  {t(one)}
                </option>
              ))}
            </select>
          </Field>
        )}
        <p class="row">
          {ready ? (
            <a
              class="button"
              href={`/api/cases/${id}/export?${query}`}
              download
              onClick={() => onClose(false)}
            >
              {t('download')}
            </a>
          ) : (
            <button type="button" disabled>
              {t('download')}
            </button>
          )}
          <button type="button" onClick={() => onClose(false)}>
            {t('cancel')}
          </button>
        </p>
      </div>
    </Dialog>
  );
}
