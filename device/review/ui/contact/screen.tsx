import type { ContactPage } from '../../inbox/schema.ts';
import { useMay } from '../me.ts';
import { useWords } from '../words.ts';
import { Player } from './player.tsx';
import { playerWords } from './player-words.ts';
import { Reason } from './reason.tsx';

const GONE = ['veto', 'not-kept', 'space', 'age', 'missing', 'paused'] as const;

/** The clip, or why there is none to be seen. */
export function Screen({ page, reload }: { page: ContactPage; reload: () => void }) {
  const t = useWords(playerWords);
  const may = useMay();
  const { contact, clip } = page;
  if (clip.state === 'ready' && may('clips:read'))
    return clip.needsReason ? (
      <Reason contactId={contact.id} onOpened={reload} />
    ) : (
      <Player key={contact.clip?.sha256} page={page} />
    );
  const reason = GONE.find((one) => one === contact.clip?.reason);
  const words =
    clip.state === 'ready'
      ? t('mayNot')
      : reason
        ? t(`gone.${reason}`)
        : contact.clip?.state === 'failed'
          ? t('failed')
          : t(contact.state === 'settled' ? 'none' : 'noneYet');
  return <p class="card contact-no-clip muted">{words}</p>;
}
