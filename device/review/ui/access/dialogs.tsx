import { useState } from 'preact/hooks';
import type { CodeMade } from '../../access/schema.ts';
import { Dialog } from '../parts/dialog.tsx';
import { date, useWords } from '../words.ts';
import { accessWords } from './words.ts';

/** Asks once more. */
export function SureDialog({
  title,
  says,
  deed,
  onSure,
  onClose,
}: {
  title: string;
  says: string;
  deed: string;
  onSure: () => void;
  onClose: () => void;
}) {
  const t = useWords(accessWords);
  const [busy, setBusy] = useState(false);
  const sure = () => {
    setBusy(true);
    onSure();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{says}</p>
      <div class="access-buttons">
        <button type="button" onClick={onClose}>
          {t('cancel')}
        </button>
        <button type="button" class="danger" disabled={busy} onClick={sure}>
          {deed}
        </button>
      </div>
    </Dialog>
  );
}

/** Shows something once. */
export function SecretDialog({
  title,
  says,
  secret,
  onClose,
}: {
  title: string;
  says: string;
  secret: string;
  onClose: () => void;
}) {
  const t = useWords(accessWords);
  return (
    <Dialog title={title} onClose={onClose}>
      <code class="access-shown">{secret}</code>
      <p>{says}</p>
      <div class="access-buttons">
        <button type="button" class="primary" onClick={onClose}>
          {t('close')}
        </button>
      </div>
    </Dialog>
  );
}

/** The code with which somebody chooses their password. */
export function CodeDialog({ made, onClose }: { made: CodeMade; onClose: () => void }) {
  const t = useWords(accessWords);
  const { name } = made.account;
  const until = date(made.codeEnds, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <SecretDialog
      title={t('codeFor', { name })}
      secret={made.code}
      says={t('codeSays', { name, until, address: location.origin })}
      onClose={onClose}
    />
  );
}
