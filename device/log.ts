import { type DestinationStream, pino } from 'pino';

export type { Logger } from 'pino';

/** Field names whose values never reach a log, at any of the depths we log at: secrets, and what a patient or receptionist could be known by. */
const REDACTED = ['password', 'token', 'secret', 'key', 'authorization', 'cookie', 'comment', 'receptionist'];
const DEPTHS = ['', '*.', '*.*.'];

/** JSON lines on stdout (or `destination`), ISO times, values of personal and secret fields replaced by "[redacted]". */
export function createLog(level: string, destination?: DestinationStream) {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: REDACTED.flatMap((name) => DEPTHS.map((depth) => depth + name)),
        censor: '[redacted]',
      },
      serializers: { err: errorForLog },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

/** An error as code, message and remedy; URLs lose their user and password (cameras are configured as `rtsp://user:password@…`). */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, remedy } = error as { code?: unknown; remedy?: unknown };
  return {
    ...(code === undefined ? {} : { code }),
    message: withoutCredentials(error.message),
    ...(remedy === undefined ? {} : { remedy }),
    ...(error.cause === undefined ? {} : { cause: errorForLog(error.cause) }),
    ...(code === undefined ? { stack: withoutCredentials(error.stack ?? '') } : {}),
  };
}

/** Replaces the user information of any URL in `text`. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1[redacted]@');
}
