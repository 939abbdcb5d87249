import type { Tag, TagSource } from '../../../contacts/model.ts';
import { useWords } from '../words.ts';
import { tagWords } from './tag-words.ts';

/** Nobody has to tell them apart by their colours. */
const SIGNS = { positive: '+', negative: '−', neutral: '=', unrated: '·' } as const satisfies Record<
  Tag,
  string
>;

/** A contact's tag as a chip, with where it comes from. null: not shown before who looks has reviewed the contact. */
export function TagChip({ tag, source = null }: { tag: Tag | null; source?: TagSource | null }) {
  const t = useWords(tagWords);
  if (tag === null) return <span class="muted">{t('hidden')}</span>;
  return (
    <span class="tag">
      <span class={`chip ${tag}`}>
        <span aria-hidden="true">{SIGNS[tag]}</span> {t(tag)}
      </span>
      {source !== null && <span class="muted"> {t(source)}</span>}
    </span>
  );
}
