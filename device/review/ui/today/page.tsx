import { useEffect, useState } from 'preact/hooks';
import type { HealthNow, TodayNow } from '../../today/today.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import type { PageProps } from '../pages.ts';
import { Notice } from '../parts/notice.tsx';
import { shellWords } from '../shell-words.ts';
import { clockTime, useWords } from '../words.ts';
import { Desks } from './desks.tsx';
import { Figures } from './figures.tsx';
import { DeviceHealth } from './health.tsx';
import { ContactList } from './list.tsx';
import './today.css';
import { words } from './words.ts';

/** What nobody tells of is looked at this often, ms: health, and the beginning of a new day. */
const LOOK = 30_000;

/** The desks as they are now, and the day so far. */
export default function Today(_props: PageProps) {
  const t = useWords(words);
  const s = useWords(shellWords);
  const { data, error, reload } = useLoaded<TodayNow>('/api/today', { live: true });
  const health = useLoaded<HealthNow>('/api/health', { live: true });
  const now = useDeviceTime(data);
  const reloadHealth = health.reload;
  useEffect(() => {
    const timer = setInterval(() => {
      reload();
      reloadHealth();
    }, LOOK);
    return () => clearInterval(timer);
  }, [reload, reloadHealth]);
  const shown = data?.contacts.length ?? 0;
  return (
    <div class="today">
      <h1>{t('title')}</h1>
      {error && (
        <Notice kind="warning">
          {data && error.status === 0
            ? t('lost', { time: clockTime(data.now) })
            : s('failed', { why: reasonOf(error) })}
        </Notice>
      )}
      {!data && !error && <p class="muted">{s('loading')}</p>}
      {data && (
        <>
          <Figures day={data.indices.day} />
          <Desks desks={data.desks} indices={data.indices.desks} />
          {health.data && <DeviceHealth health={health.data} />}
          <section aria-labelledby="today-contacts">
            <h2 id="today-contacts">
              {t('contacts')} <span class="muted">{!data.more && t('count', { n: shown })}</span>
            </h2>
            {data.more && <p class="muted">{t('most', { n: shown })}</p>}
            <ContactList contacts={data.contacts} now={now} />
          </section>
        </>
      )}
    </div>
  );
}

/** The device's time, Unix ms, each second: its clock may be another than the browser's. */
function useDeviceTime(data: TodayNow | null): number {
  const [browser, tick] = useState(Date.now());
  const [skew, set] = useState(0);
  const device = data?.now;
  useEffect(() => {
    if (device !== undefined) set(Date.parse(device) - Date.now());
  }, [device]);
  const somebody = data?.contacts.some(({ state }) => state === 'open') ?? false;
  useEffect(() => {
    if (!somebody) return;
    const timer = setInterval(() => tick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [somebody]);
  return browser + skew;
}
