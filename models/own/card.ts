import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CaError, messageOf } from '../../device/errors.ts';

/** What every model of a user's own says of itself; stored with each score, and shown at start. */
export const useFields = {
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'small letters, digits, dots and dashes'),
  version: z.string().regex(/^\S.{0,63}$/, 'a short text'),
  licence: z.string().regex(/^\S.{0,199}$/, 'a line of text, such as MIT'),
};

/** A file in the model's own folder: nothing elsewhere is opened because a card says so. */
export const fileName = z.string().regex(/^(?!.*\.\.)[^/\0]+$/, 'the name of a file in the same folder');

/** A model that cannot be used as it is; `file` is what has to be corrected. */
export function invalid(file: string, problem: string, options: { cause?: unknown; remedy?: string } = {}) {
  return new CaError('CA_MODEL_INVALID', `${file}: ${problem}`, options);
}

/** Checks what a file says, and tells all its mistakes at once, each with its place. @throws CaError CA_MODEL_INVALID */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  given: unknown,
): z.infer<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw invalid(file, mistakes.join('; '));
}

/** Reads a file of JSON. @throws CaError CA_MODEL_INVALID where it cannot be read, or is none */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, messageOf(cause), { cause });
  }
}

/** The card of the model in a folder. @throws CaError CA_MODEL_INVALID */
export async function readCard<Schema extends z.ZodType>(
  folder: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const file = join(folder, 'card.json');
  return check(schema, file, await readJson(file));
}
