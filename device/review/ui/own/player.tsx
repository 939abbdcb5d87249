import { useState } from 'preact/hooks';
import type { OwnContact } from '../../inbox/schema.ts';
import { Notice } from '../parts/notice.tsx';
import { duration, useWords } from '../words.ts';
import { ownWords } from './words.ts';

/** The browser's own player. It stands at the arrival, and plays when it is told to. */
export function OwnPlayer({ contact: { id, preRoll } }: { contact: OwnContact }) {
  const t = useWords(ownWords);
  const [failed, setFailed] = useState(false);
  return (
    <>
      {failed && <Notice kind="error">{t('clipFailed')}</Notice>}
      {/* biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said */}
      <video
        class="own-video"
        controls
        playsInline
        preload="metadata"
        aria-label={t('clip')}
        src={`/api/own/${id}/clip`}
        onLoadedMetadata={({ currentTarget }) => {
          currentTarget.currentTime = preRoll / 1_000;
        }}
        onError={() => setFailed(true)}
      />
      <p class="muted">{t('clipStarts', { lead: duration(preRoll) })}</p>
    </>
  );
}
