import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { effectOf } from './effect.ts';
import { csvOf, xlsxOf } from './files.ts';
import { periodOf } from './period.ts';
import { reportOf } from './report.ts';
import {
  type Annotation,
  annotationBody,
  daysQuery,
  exportQuery,
  idParams,
  type MeasureEffect,
  measureQuery,
  newAnnotation,
  type Report,
  reportQuery,
} from './schema.ts';
import { tablesOf } from './tables.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** So many notes of special days are more than ten years have. */
const MOST_ANNOTATIONS = 2_000;

/** Figures over many contacts, the effect of measures, and notes of special days. */
export function addReportRoutes(app: App, { store, clock }: PageParts): void {
  const { reports } = store;
  const figures = { reports, reviews: store.reviews };
  const read = { needs: 'reports:read' } as const;
  const write = { needs: 'reports:write' } as const;

  app.get(
    '/api/reports',
    { config: read, schema: { querystring: reportQuery } },
    (request): Promise<Report> => reportOf(figures, request.query, clock.now().wall),
  );

  app.get(
    '/api/reports/export',
    { config: read, schema: { querystring: exportQuery } },
    async (request, reply) => {
      const { form, table, ...query } = request.query;
      const all = tablesOf(await reportOf(figures, query, clock.now().wall));
      const tables = form === 'csv' || table ? all.filter(({ name }) => name === (table ?? 'series')) : all;
      const [first] = tables;
      if (!first) throw new Refusal(404, 'no-table', 'This report has no such table.');
      const name = `report-${query.from}-${query.to}${tables.length === 1 ? `-${first.name}` : ''}.${form}`;
      request.note('report.export', { from: query.from, to: query.to, form, table: table ?? 'all' });
      reply.header('content-disposition', `attachment; filename="${name}"`);
      return form === 'csv'
        ? reply.type('text/csv; charset=utf-8').send(csvOf(first))
        : reply.type(XLSX).send(await xlsxOf(tables));
    },
  );

  app.get(
    '/api/reports/measures/:id',
    { config: read, schema: { params: idParams, querystring: measureQuery } },
    (request): Promise<MeasureEffect> => {
      const measure = store.reviews.measures.byId(request.params.id);
      if (!measure) throw new Refusal(404, 'unknown-measure', 'There is no such measure.');
      const others = store.reviews.measures.all(false);
      return effectOf(figures, measure, { others, weeks: request.query.weeks, now: clock.now().wall });
    },
  );

  app.get(
    '/api/annotations',
    { config: read, schema: { querystring: daysQuery } },
    (request): { annotations: Annotation[] } => {
      const { from, to } = periodOf(request.query);
      return { annotations: reports.annotations.between(from, to) };
    },
  );
  app.post(
    '/api/annotations',
    { config: write, schema: { body: newAnnotation } },
    (request, reply): Annotation => {
      if (reports.annotations.count() >= MOST_ANNOTATIONS)
        throw new Refusal(409, 'too-many', 'There are too many notes: delete old ones first.');
      const annotation = reports.annotations.put(request.body);
      request.note('annotation.add', { day: annotation.day });
      reply.code(201);
      return annotation;
    },
  );
  app.patch(
    '/api/annotations/:id',
    { config: write, schema: { params: idParams, body: annotationBody } },
    (request): Annotation => {
      const before = reports.annotations.byId(request.params.id);
      if (!before) throw unknownAnnotation();
      const { day = before.day, text = before.text, excluded = before.excluded } = request.body;
      const annotation = reports.annotations.put({ id: before.id, day, text, excluded });
      request.note('annotation.change', { day: annotation.day });
      return annotation;
    },
  );
  app.delete('/api/annotations/:id', { config: write, schema: { params: idParams } }, (request) => {
    if (!reports.annotations.remove(request.params.id)) throw unknownAnnotation();
    request.note('annotation.remove');
    return {};
  });
}

const unknownAnnotation = () => new Refusal(404, 'unknown-annotation', 'There is no such note.');
