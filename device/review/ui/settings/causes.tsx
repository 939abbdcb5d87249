import { useState } from 'preact/hooks';
import type { Cause, CauseGroup, Causes } from '../../inbox/schema.ts';
import { LANGUAGE_NAMES } from '../access/language-names.ts';
import { patch, post } from '../api.ts';
import { causeName } from '../causes/name.ts';
import { groupWords } from '../causes/words.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { language, useWords } from '../words.ts';
import { words } from './words.ts';

const GROUPS: readonly CauseGroup[] = [
  ...(['waiting', 'information', 'manner', 'organisation', 'money', 'premises'] as const),
];

/** The taxonomy of causes: named in the language of the page, retired, merged. */
export function CausesEditor() {
  const t = useWords(words);
  const g = useWords(groupWords);
  const mayWrite = useMay()('causes:write');
  const loaded = useLoaded<Causes>('/api/causes');
  const [changed, setChanged] = useState<Causes | null>(null);
  const [merging, merge] = useState<Cause | null>(null);
  const [failed, fail] = useState<string | null>(null);
  const data = changed ?? loaded.data;
  const error = failed ?? (loaded.error && reasonOf(loaded.error));
  const tried = async (deed: () => Promise<Causes>) => {
    fail(null);
    try {
      setChanged(await deed());
      return true;
    } catch (reason) {
      fail(reasonOf(reason));
      return false;
    }
  };
  const causes = data?.causes.filter(({ mergedInto }) => mergedInto === null) ?? [];
  return (
    <section class="card settings-causes" aria-labelledby="settings-causes">
      <h2 id="settings-causes">{t('causes')}</h2>
      <p class="muted">{t('causesHint')}</p>
      {error && <Notice kind="error">{t('failed', { why: error })}</Notice>}
      {GROUPS.filter((group) => causes.some((cause) => cause.group === group)).map((group) => (
        <div key={group}>
          <h3>{g(group)}</h3>
          <ul>
            {causes
              .filter((cause) => cause.group === group)
              .map((cause) => (
                <CauseRow
                  key={cause.id}
                  cause={cause}
                  mayWrite={mayWrite}
                  onChange={(change) => tried(() => patch(`/api/causes/${cause.id}`, change))}
                  onMerge={() => merge(cause)}
                />
              ))}
          </ul>
        </div>
      ))}
      {mayWrite && <NewCause onAdd={(cause) => tried(() => post('/api/causes', cause))} />}
      {merging && (
        <Merge
          from={merging}
          causes={causes.filter(({ id, retired }) => id !== merging.id && !retired)}
          onClose={() => merge(null)}
          onMerge={async (into) => {
            await tried(() => post(`/api/causes/${merging.id}/merge`, { into }));
            merge(null);
          }}
        />
      )}
    </section>
  );
}

function CauseRow(props: {
  cause: Cause;
  mayWrite: boolean;
  onChange: (change: object) => Promise<boolean>;
  onMerge: () => void;
}) {
  const t = useWords(words);
  const [renaming, rename] = useState(false);
  const { cause, onChange } = props;
  const name = causeName(cause);
  const about = (deed: string) => `${deed}: ${name}`;
  return (
    <li data-cause={cause.id} class="settings-cause">
      {renaming ? (
        <form
          class="settings-row"
          onSubmit={async (event) => {
            event.preventDefault();
            const to = String(new FormData(event.currentTarget).get('name')).trim();
            if (await onChange({ name: to, language: language() })) rename(false);
          }}
        >
          <Field label={t('name', { language: LANGUAGE_NAMES[language()] })}>
            <input {...{ name: 'name', required: true, maxLength: 80, defaultValue: name }} />
          </Field>
          <button type="submit">{t('save')}</button>
          <button type="button" onClick={() => rename(false)}>
            {t('back')}
          </button>
        </form>
      ) : (
        <>
          <span class={cause.retired ? 'muted' : undefined}>{name}</span>
          {cause.retired && <span class="chip">{t('retired')}</span>}
          <span class="muted settings-uses">{t('uses', { n: cause.uses })}</span>
          {props.mayWrite && (
            <span class="row">
              <button type="button" aria-label={about(t('rename'))} onClick={() => rename(true)}>
                {t('rename')}
              </button>
              <button
                type="button"
                aria-label={about(t(cause.retired ? 'bringBack' : 'retire'))}
                onClick={() => void onChange({ retired: !cause.retired })}
              >
                {t(cause.retired ? 'bringBack' : 'retire')}
              </button>
              <button type="button" aria-label={about(t('merge'))} onClick={props.onMerge}>
                {t('merge')}
              </button>
            </span>
          )}
        </>
      )}
    </li>
  );
}

function NewCause({ onAdd }: { onAdd: (cause: object) => Promise<boolean> }) {
  const t = useWords(words);
  const g = useWords(groupWords);
  return (
    <form
      class="settings-row"
      onSubmit={async (event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const { group, name } = Object.fromEntries(new FormData(form));
        if (await onAdd({ group, name: String(name).trim(), language: language() })) form.reset();
      }}
    >
      <Field label={t('newCause')}>
        <input {...{ name: 'name', required: true, maxLength: 80 }} />
      </Field>
      <Field label={t('group')}>
        <select name="group">
          {GROUPS.map((group) => (
            <option key={group} value={group}>
              {g(group)}
            </option>
          ))}
        </select>
      </Field>
      <button type="submit">{t('add')}</button>
    </form>
  );
}

function Merge(props: {
  from: Cause;
  causes: readonly Cause[];
  onMerge: (into: string) => void;
  onClose: () => void;
}) {
  const t = useWords(words);
  const title = t('mergeInto', { name: causeName(props.from) });
  return (
    <Dialog title={title} onClose={props.onClose}>
      <form
        class="settings-merge"
        onSubmit={(event) => {
          event.preventDefault();
          props.onMerge(String(new FormData(event.currentTarget).get('into')));
        }}
      >
        <Field label={title}>
          <select name="into" required>
            {props.causes.map((cause) => (
              <option key={cause.id} value={cause.id}>
                {causeName(cause)}
              </option>
            ))}
          </select>
        </Field>
        <Notice kind="warning">{t('mergeWarning', { n: props.from.uses })}</Notice>
        <div class="row">
          <button type="submit" class="danger">
            {t('doMerge')}
          </button>
          <button type="button" onClick={props.onClose}>
            {t('back')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
