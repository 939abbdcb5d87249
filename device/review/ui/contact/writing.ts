import { useState } from 'preact/hooks';
import type { ContactPage } from '../../inbox/schema.ts';
import { ApiError, put } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useMe } from '../me.ts';
import { type Draft, draftFrom, draftOf, keepDraft } from './draft.ts';

/** A review that is being written. */
export interface Writing {
  /** What it says now. */
  readonly now: Draft;
  /** Something was written that is not saved. */
  readonly unsaved: boolean;
  /** Somebody else has changed the review since this was begun. */
  readonly overtaken: boolean;
  readonly saving: boolean;
  /** Why it could not be saved. */
  readonly failed: string | null;
  readonly change: (part: Partial<Omit<Draft, 'revision'>>) => void;
  /** Theirs is what counts from now on. */
  readonly takeTheirs: () => void;
  /** What is written here may replace theirs. */
  readonly keepMine: () => void;
  /** Resolves with whether it is saved. */
  readonly save: () => Promise<boolean>;
}

/** Writes the review of a contact; `reload` brings what is stored by now. */
export function useWriting({ contact, review }: ContactPage, reload: () => void): Writing {
  const account = useMe().account?.name ?? '';
  const [draft, setDraft] = useState(() => draftOf(account, contact.id));
  const [saving, setSaving] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const stored = draftFrom(review);
  const now = draft ?? stored;
  const set = (to: Draft | null) => {
    keepDraft(account, contact.id, to);
    setDraft(to);
  };
  return {
    now,
    unsaved: draft !== null,
    overtaken: now.revision !== stored.revision,
    saving,
    failed,
    change: (part) => set({ ...now, ...part }),
    takeTheirs: () => set(null),
    keepMine: () => set({ ...now, revision: stored.revision }),
    async save() {
      if (saving) return false;
      setSaving(true);
      setFailed(null);
      try {
        await put(`/api/contacts/${contact.id}/review`, now);
        set(null);
        return true;
      } catch (error) {
        // What was to be saved stays; what is stored by now is shown beside it.
        set(now);
        if (error instanceof ApiError && error.code === 'changed-meanwhile') reload();
        else setFailed(reasonOf(error));
        return false;
      } finally {
        setSaving(false);
      }
    },
  };
}
