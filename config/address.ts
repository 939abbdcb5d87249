import { z } from 'zod';

const WITHOUT_CREDENTIALS = /^[^@]*$/;

/** An address that carries neither user nor password: a config is copied and mailed, a secret must not go along. */
export function address(scheme: RegExp, about: string) {
  return z
    .string()
    .regex(scheme, `must begin with ${about}`)
    .regex(WITHOUT_CREDENTIALS, 'must not contain a user or password (nor any @)');
}
