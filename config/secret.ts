import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CaError, messageOf } from '../device/errors.ts';

/** A secret is never written in the config: it names a file, or a systemd credential (LoadCredential=). */
export const secretReference = z.union(
  [
    z.strictObject({ file: z.string().min(1).describe('File whose first line is the secret.') }),
    z.strictObject({
      credential: z
        .string()
        // No slash and no leading dot: the name is joined to the credentials folder and may not leave it.
        .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/)
        .describe('Name of a systemd credential of the unit.'),
    }),
  ],
  { error: 'must say where the secret is, and nothing else' },
);

/** Where a secret is; never the secret. */
export type SecretReference = z.infer<typeof secretReference>;

const READABLE_BY_EVERYBODY = 0o004;

/**
 * The first line of the file, or of `$CREDENTIALS_DIRECTORY/<credential>`, without its line end. Read when it is
 * needed, so that a secret changed on the disk is used at the next connection.
 */
export function readSecret(reference: SecretReference, environment: NodeJS.ProcessEnv = process.env): string {
  const path = pathOf(reference, environment);
  const secret = textOf(path).split(/\r?\n/, 1)[0] ?? '';
  if (secret === '') throw new CaError('CA_SECRET_UNREADABLE', `the first line of ${path} is empty`);
  return secret;
}

/** The whole of that file, for a secret of many lines such as a key in PEM; refused as `readSecret` refuses. */
export function readSecretText(
  reference: SecretReference,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const path = pathOf(reference, environment);
  const secret = textOf(path);
  if (secret.trim() === '') throw new CaError('CA_SECRET_UNREADABLE', `${path} is empty`);
  return secret;
}

function pathOf(reference: SecretReference, environment: NodeJS.ProcessEnv): string {
  if ('file' in reference) return reference.file;
  const folder = environment.CREDENTIALS_DIRECTORY;
  if (folder) return join(folder, reference.credential);
  throw new CaError(
    'CA_SECRET_UNREADABLE',
    `the credential "${reference.credential}" is not there: the service was started without credentials`,
    {
      remedy: `Add \`LoadCredential=${reference.credential}:FILE\` to the systemd unit, or name a file in the config.`,
    },
  );
}

function textOf(path: string): string {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    // The mode of the file that is open: the name could come to mean another file between a check and a read.
    if (fstatSync(handle).mode & READABLE_BY_EVERYBODY) {
      throw new CaError('CA_SECRET_UNREADABLE', `every user of this machine may read ${path}`, {
        remedy: `Run \`chmod 600 ${path}\`; then change the secret, for it may have been read.`,
      });
    }
    return readFileSync(handle, 'utf8');
  } catch (error) {
    if (error instanceof CaError) throw error;
    throw new CaError('CA_SECRET_UNREADABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
