import { useEffect } from 'preact/hooks';
import type { Report } from '../../reports/schema.ts';
import type { SearchChoices } from '../../search/schema.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import type { PageProps } from '../pages.ts';
import { Notice } from '../parts/notice.tsx';
import { go, useAddress } from '../router.ts';
import { calendarDay, useWords } from '../words.ts';
import { Annotations } from './annotations.tsx';
import { Causes, Durations } from './bars.tsx';
import { coloursChanged } from './chart.tsx';
import { Load, Occupied } from './heat.tsx';
import { Indices } from './indices.tsx';
import { Measures } from './measures.tsx';
import { addressOf, queryOf, readShown, type Shown, stepsOf } from './period.ts';
import { Picker, periodName } from './picker.tsx';
import { Series } from './series.tsx';
import { Agreed, Counted, Desks, People, Tags } from './tables.tsx';
import { reportWords } from './words.ts';
import './reports.css';

const NO_CHOICES: SearchChoices = { desks: [], receptionists: [] };

/** Is it getting better? */
export default function Reports(_props: PageProps) {
  const t = useWords(reportWords);
  const address = useAddress();
  const today = calendarDay();
  const shown = readShown(address.searchParams, today);
  const query = queryOf(shown);
  query.set('by', stepsOf(shown));
  const { data: report, error, reload, current } = useLoaded<Report>(`/api/reports?${query}`, { keep: true });
  const choices = useLoaded<SearchChoices>('/api/search/choices').data ?? NO_CHOICES;
  usePaper();
  const of = shown.desk || shown.receptionist;
  const file = (form: 'csv' | 'xlsx', table?: string) =>
    `/api/reports/export?${query}&form=${form}${table ? `&table=${table}` : ''}`;
  const change = (to: Shown) => go(addressOf(to), { replace: true });
  return (
    <div class="reports">
      <div class="row reports-head">
        <h1>{`${t('title')}: ${periodName(shown)}${of ? `, ${of}` : ''}`}</h1>
        <span class="row no-print">
          <button type="button" onClick={() => print()}>
            {t('print')}
          </button>
          <a class="button" href={file('xlsx')} download>
            {t('xlsx')}
          </a>
        </span>
      </div>
      <Picker shown={shown} choices={choices} today={today} onChange={change} />
      {error && <Notice kind="error">{reasonOf(error)}</Notice>}
      {report && (
        <div class={`reports-body${current ? '' : ' reports-old'}`} aria-busy={!current}>
          {report.leftOut.length > 0 && (
            <Notice kind="info">{t('leftOut', { n: report.leftOut.length })}</Notice>
          )}
          <Indices report={report} />
          <Series report={report} csv={file('csv', 'series')} />
          {report.heat && <Load heat={report.heat} csv={file('csv', 'hours')} />}
          {report.heat && <Occupied heat={report.heat} csv={file('csv', 'occupied')} />}
          <div class="reports-two">
            {report.durations && <Durations durations={report.durations} csv={file('csv', 'durations')} />}
            {report.causes && <Causes causes={report.causes} csv={file('csv', 'causes')} />}
          </div>
          {report.receptionist === null && <Desks rows={report.perDesk} csv={file('csv', 'desks')} />}
          <People people={report.people} csv={file('csv', 'receptionists')} />
          <div class="reports-two">
            {report.tags && <Tags tags={report.tags} csv={file('csv', 'tags')} />}
            {report.agreement && <Agreed agreement={report.agreement} />}
          </div>
          <Measures today={today} />
          <Annotations annotations={report.annotations} day={shown.to} onChange={reload} />
          <Counted />
        </div>
      )}
    </div>
  );
}

/** On paper the charts have the colours of the light theme. */
function usePaper(): void {
  useEffect(() => {
    const root = document.documentElement;
    let before: string | undefined;
    const paper = () => {
      before = root.dataset.theme;
      root.dataset.theme = 'light';
      coloursChanged();
    };
    const screen = () => {
      if (before === undefined) delete root.dataset.theme;
      else root.dataset.theme = before;
      coloursChanged();
    };
    addEventListener('beforeprint', paper);
    addEventListener('afterprint', screen);
    return () => {
      removeEventListener('beforeprint', paper);
      removeEventListener('afterprint', screen);
    };
  }, []);
}
