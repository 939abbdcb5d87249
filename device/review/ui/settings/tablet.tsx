import type { TabletLanguage } from '../../settings/settings.ts';
import { Field } from '../parts/field.tsx';
import { language, useWords } from '../words.ts';
import type { Part } from './retention.tsx';
import { words } from './words.ts';

/** What the page on a tablet says, by its language. */
export function Tablet({ draft, set, readOnly }: Part) {
  const t = useWords(words);
  const { tablet } = draft;
  const names = new Intl.DisplayNames(language(), { type: 'language' });
  return (
    <fieldset class="card settings-part" disabled={readOnly}>
      <legend>{t('tablet')}</legend>
      <p class="muted settings-wide">{tablet ? t('tabletHint') : t('noTablet')}</p>
      {Object.entries(tablet ?? {}).flatMap(([its, texts]) =>
        (['question', 'thanks'] as const).map((which) => (
          <Field key={`${its} ${which}`} label={t(which, { language: names.of(its) ?? its })}>
            <input
              {...{ maxLength: 80, lang: its, value: texts[which] ?? '' }}
              onChange={({ currentTarget }) =>
                set({
                  tablet: {
                    ...tablet,
                    [its as TabletLanguage]: { ...texts, [which]: currentTarget.value.trim() || null },
                  },
                })
              }
            />
          </Field>
        )),
      )}
    </fieldset>
  );
}
