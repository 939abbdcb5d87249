import { useEffect, useState } from 'preact/hooks';
import type { SettingsPreview } from '../../settings/effects.ts';
import type { DeviceSettings, SettingsFile } from '../../settings/settings.ts';
import { ApiError, post, put } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { changeOf, receptionistsIn } from './draft.ts';
import { Preview } from './preview.tsx';
import { Receptionists } from './receptionists.tsx';
import { Retention } from './retention.tsx';
import { Shifts } from './shifts.tsx';
import { Tablet } from './tablet.tsx';
import { words } from './words.ts';

type Read = ReturnType<SettingsFile['read']>;

/** The settings of the config file: changed on the page, then looked at with their effect, then written. */
export function DeviceSettingsForm() {
  const t = useWords(words);
  const readOnly = !useMay()('settings:write');
  const { data, error, reload } = useLoaded<Read>('/api/settings');
  const [draft, setDraft] = useState<DeviceSettings | null>(null);
  const [preview, show] = useState<SettingsPreview | null>(null);
  const [busy, setBusy] = useState(false);
  const [said, say] = useState<{ kind: 'done' | 'info' | 'error'; text: string } | null>(null);
  useEffect(() => {
    // What somebody has begun to change stays, also when the file is another one by now.
    if (data) setDraft((before) => before ?? data.settings);
  }, [data]);
  if (error) return <Notice kind="error">{t('failed', { why: reasonOf(error) })}</Notice>;
  if (!data || !draft) return null;
  const change = changeOf(data.settings, draft);

  async function tried(deed: () => Promise<void>) {
    setBusy(true);
    say(null);
    try {
      await deed();
    } catch (reason) {
      show(null);
      const meanwhile = reason instanceof ApiError && reason.code === 'CA_CONFIG_CHANGED';
      if (meanwhile) reload();
      say({
        kind: 'error',
        text: meanwhile ? t('changedMeanwhile') : t('failed', { why: reasonOf(reason) }),
      });
    } finally {
      setBusy(false);
    }
  }
  const { revision } = data;
  const look = () =>
    tried(async () => show(await post<SettingsPreview>('/api/settings/preview', { revision, change })));
  const write = () =>
    tried(async () => {
      const { when } = await put<{ when: 'now' | 'when-free' }>('/api/settings', { revision, change });
      show(null);
      setDraft(null);
      reload();
      say({ kind: 'done', text: t(`done.${when}`) });
    });
  const part = { draft, readOnly, set: (some: Partial<DeviceSettings>) => setDraft({ ...draft, ...some }) };
  return (
    <>
      {readOnly && <Notice kind="info">{t('readOnly')}</Notice>}
      {!readOnly && !data.writable && <Notice kind="warning">{t('notWritable')}</Notice>}
      {said && <Notice kind={said.kind}>{said.text}</Notice>}
      <form
        class="settings-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (Object.keys(change).length === 0) say({ kind: 'info', text: t('nothing') });
          else void look();
        }}
      >
        <Retention {...part} />
        <Receptionists {...part} />
        <Tablet {...part} />
        {!readOnly && (
          <button type="submit" class="primary" disabled={busy}>
            {t('look')}
          </button>
        )}
      </form>
      {!readOnly && <Shifts known={receptionistsIn(data.settings)} />}
      {preview && (
        <Preview
          {...{ preview, busy, age: draft.age }}
          onChange={() => void write()}
          onClose={() => show(null)}
        />
      )}
    </>
  );
}
