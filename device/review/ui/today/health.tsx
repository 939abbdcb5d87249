import type { HealthNow } from '../../today/today.ts';
import { useWords } from '../words.ts';
import { words } from './words.ts';

/** What does not work as it should, and what to do. The service says it in English, as in its log. */
export function DeviceHealth({ health }: { health: HealthNow }) {
  const t = useWords(words);
  const troubled = Object.entries(health).filter(([, { status }]) => status !== 'ok');
  return (
    <section class="today-health" aria-labelledby="today-health">
      <h2 id="today-health">{t('health')}</h2>
      {troubled.length === 0 ? (
        <p class="muted">{t('allWell')}</p>
      ) : (
        <ul>
          {troubled.map(([name, { status, reason }]) => (
            <li key={name}>
              <span class={`chip ${status === 'failed' ? 'negative' : 'warning'}`}>
                {t(status === 'failed' ? 'broken' : 'degraded')}
              </span>{' '}
              <b>{name}</b> <span lang="en">{reason}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
