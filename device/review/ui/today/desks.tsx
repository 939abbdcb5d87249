import type { IndicesRecord } from '../../../store/records.ts';
import type { DeskPresence } from '../../parts.ts';
import { useMay } from '../me.ts';
import { clockTime, percent, useWords } from '../words.ts';
import { intervalOf } from './figures.tsx';
import { words } from './words.ts';

/** One card a desk: who is there, and with several desks the desk's own figures. */
export function Desks({
  desks,
  indices,
}: {
  desks: readonly DeskPresence[];
  indices: Readonly<Record<string, IndicesRecord>>;
}) {
  const t = useWords(words);
  return (
    <section aria-labelledby="today-desks">
      <h2 id="today-desks">{t('desks')}</h2>
      <div class="today-desks">
        {desks.map((desk) => (
          <Desk key={desk.desk} desk={desk} figures={desks.length > 1 ? indices[desk.desk] : undefined} />
        ))}
      </div>
    </section>
  );
}

function Desk({ desk, figures }: { desk: DeskPresence; figures: IndicesRecord | undefined }) {
  const t = useWords(words);
  const people = useMay()('staff:read');
  const { present, since, paused, receptionist } = desk;
  return (
    <div class="card today-desk" data-desk={desk.desk} data-present={String(present)}>
      <h3>{desk.desk}</h3>
      <p>
        <span class="today-dot" aria-hidden="true" />
        {t(present === null ? 'unheard' : present ? 'present' : 'free')}
        {since && <span class="muted"> {t('since', { time: clockTime(since) })}</span>}
      </p>
      {people && (
        <p class="muted">{receptionist ? t('onShift', { who: receptionist }) : t('nobodyOnShift')}</p>
      )}
      {paused && <p class="chip warning">{t('paused', { time: clockTime(paused) })}</p>}
      {figures?.support && figures.dissatisfaction && (
        <dl class="today-share">
          <dt>{t('support')}</dt>
          <dd>
            {percent(figures.support.value)} <span class="muted">{intervalOf(figures.support)}</span>
          </dd>
          <dt>{t('dissatisfaction')}</dt>
          <dd>
            {percent(figures.dissatisfaction.value)}{' '}
            <span class="muted">{intervalOf(figures.dissatisfaction)}</span>
          </dd>
          <dt>{t('served')}</dt>
          <dd>{figures.served}</dd>
          <dt>{t('response')}</dt>
          <dd>{percent(figures.responseRate ?? 0)}</dd>
        </dl>
      )}
    </div>
  );
}
