import type { FastifyRequest } from 'fastify';
import { type CaError, type ErrorCode, remedyOf } from '../errors.ts';

/**
 * Errors whose messages name contacts, desks, cases or settings alone. Those of the others may name files and folders of
 * the device: of them the page says what to do, and the log what happened.
 */
const TELLING: readonly ErrorCode[] = [
  'CA_CONTACT_UNKNOWN',
  'CA_CONTACT_OPEN',
  'CA_CONTACT_HELD',
  'CA_CASE_FULL',
  'CA_CONFIG_CHANGED',
  'CA_CONFIG_UNWRITABLE',
  'CA_COMMAND_INVALID',
];

/** What of an error goes to the browser: `{ error, message }`; `whole`: all of it. */
export function toldOf(
  error: CaError,
  { who }: FastifyRequest,
): {
  whole: boolean;
  answer: { error: ErrorCode; message: string };
} {
  const { code } = error;
  // Which setting it is, and what it says, is for who may change it.
  const mine = code === 'CA_CONFIG_INVALID' && who?.permissions.has('settings:write') === true;
  const whole = mine || TELLING.includes(code);
  const message = whole ? `${error.message}. ${error.remedy}` : remedyOf(code);
  return { whole, answer: { error: code, message } };
}
