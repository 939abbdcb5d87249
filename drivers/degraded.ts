import type { CaError } from '../device/errors.ts';
import type { DriverHealth } from './types.ts';

/** The health of a driver that is trying again: what is wrong, what to do, and the code to look up. */
export function degraded(error: CaError, detail: NonNullable<DriverHealth['detail']> = {}): DriverHealth {
  return {
    status: 'degraded',
    reason: `${error.message}. ${error.remedy}`,
    detail: { code: error.code, ...detail },
  };
}
