import type { Inventory } from '../../drivers/inventory/look.ts';
import type { Row, Rows } from './rows.ts';

/** What programs are told: one JSON document. Pure. `service`: what runs with this config and so has its devices. */
export function documentOf(found: Inventory, desks: Rows, service: readonly Row[] | null) {
  return {
    found,
    service: service?.map(entry) ?? null,
    desks: Object.fromEntries(Object.entries(desks).map(([desk, rows]) => [desk, deskOf(rows)])),
  };
}

function deskOf(rows: readonly Row[]) {
  const one = (kind: Row['kind']) => rows.filter((row) => row.kind === kind).map(entry)[0] ?? null;
  return {
    inputs: rows.filter(({ kind }) => kind === 'input').map(entry),
    lamp: one('lamp'),
    acknowledge: one('acknowledge'),
    camera: one('camera'),
    microphone: one('microphone'),
  };
}

function entry({ driver, name, state, figures, lastFault, verdict, remedy }: Row) {
  return { driver, name, state, ...figures, lastFault, verdict, remedy };
}
