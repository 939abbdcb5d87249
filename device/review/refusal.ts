/** What a route answers instead of what it was asked for: `{ error: code, message }` with `statusCode`. */
export class Refusal extends Error {
  readonly statusCode: number;
  readonly code: string;
  /** Seconds until it is worth asking again. */
  readonly retryAfter: number | null;

  /** `code`: small words with hyphens, for programs and translations; `message`: what is wrong and what to do. */
  constructor(
    statusCode: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 503,
    code: string,
    message: string,
    retryAfter: number | null = null,
  ) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The answer for an id that no contact has, or none that the asker may see. */
export const unknownContact = () => new Refusal(404, 'unknown-contact', 'No contact has this id.');
