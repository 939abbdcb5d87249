import type { Logger } from '../device/log.ts';
import type { ModelUse } from './readings.ts';

/** One line for each model, its licence in it: they come from others, and some from the user. */
export function logModels(log: Logger, models: readonly ModelUse[]): void {
  for (const { id: model, version, licence } of models)
    log.info({ model, version, licence }, 'a model is loaded');
}

/** All of them in a line, for the health. */
export function inWords(models: readonly ModelUse[]): string {
  return models.map(({ id, version, licence }) => `${id} ${version} (${licence})`).join(', ');
}
