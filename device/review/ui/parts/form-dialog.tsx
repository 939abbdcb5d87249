import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { reasonOf } from '../error-words.ts';
import { shellWords } from '../shell-words.ts';
import { useWords } from '../words.ts';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';

/**
 * A dialog that asks for something to be done: it closes when that is done, else it says why not and keeps what was typed.
 * `does`: the word on its button; `ask` gets the fields by their names.
 */
export function FormDialog({
  title,
  does,
  ask,
  onClose,
  children,
}: {
  title: string;
  does: string;
  ask: (said: Readonly<Record<string, string>>) => Promise<unknown>;
  onClose: (done: boolean) => void;
  children: ComponentChildren;
}) {
  const t = useWords(shellWords);
  const [why, fail] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (form: HTMLFormElement) => {
    setBusy(true);
    try {
      await ask(Object.fromEntries(new FormData(form)) as Record<string, string>);
    } catch (error) {
      fail(reasonOf(error));
      setBusy(false);
      return;
    }
    onClose(true);
  };
  return (
    <Dialog title={title} onClose={() => onClose(false)}>
      <form
        class="asking"
        onSubmit={(event) => {
          event.preventDefault();
          void send(event.currentTarget);
        }}
      >
        {why !== null && <Notice kind="error">{why}</Notice>}
        {children}
        <div class="row">
          <button type="submit" class="primary" disabled={busy}>
            {does}
          </button>
          <button type="button" onClick={() => onClose(false)}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
