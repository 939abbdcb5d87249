import { CaError, messageOf } from '../device/errors.ts';

/** What the store threw, as a fault: the disk may come back. A CaError stays what it is. */
export function storeFault(doing: string, error: unknown): CaError {
  if (error instanceof CaError) return error;
  return new CaError('CA_STORE_UNUSABLE', `${doing}: ${messageOf(error)}`, { cause: error });
}
