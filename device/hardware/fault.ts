import type { DriverHealth } from '../../drivers/types.ts';
import { CaError, messageOf } from '../errors.ts';
import { withoutCredentials } from '../log.ts';

/** What is wrong with a device, and what to do. */
export interface Fault {
  readonly what: string;
  readonly remedy: string;
}

/**
 * A health's fault; null while it is well. Pure. Its reason is the message and the remedy, both sentences (see
 * drivers/degraded.ts), and a message hardly ever goes on after a full stop.
 */
export function faultOf({ status, reason }: DriverHealth): Fault | null {
  if (status === 'ok') return null;
  const [, what, remedy] = /^(.*?)\. (?=[A-Z])(.*)$/s.exec(reason ?? '') ?? [];
  return { what: withoutCredentials(what ?? reason ?? status), remedy: remedy ?? '' };
}

/** Of something thrown. Pure. */
export function faultThrown(error: unknown): Fault {
  return {
    what: withoutCredentials(messageOf(error)),
    remedy: error instanceof CaError ? error.remedy : 'This is a mistake of the program: please report it.',
  };
}
