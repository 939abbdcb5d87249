/** What the API answers instead of what was asked. `code`: small words for programs; `message`: English. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let csrf = '';
let onSignedOut: () => void = () => {};

/** The token without which nothing can be changed; `/api/me` tells it. */
export function useCsrf(token: string): void {
  csrf = token;
}

/** Called when the API no longer knows who asks. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

interface Asking {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** The page asks by itself: a session that nobody uses ends all the same. */
  readonly byItself?: boolean;
}

/** Asks the API. Rejects with an ApiError; `status` 0: the device cannot be reached. */
async function ask<T>(method: string, path: string, { body, signal, byItself }: Asking = {}): Promise<T> {
  const headers: Record<string, string> = {};
  if (byItself) headers['x-by-itself'] = '1';
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['x-csrf-token'] = csrf;
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  const answer = await fetch(path, init).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'The device cannot be reached.');
  });
  const text = await answer.text();
  const value = text === '' ? null : JSON.parse(text);
  if (answer.ok) return value as T;
  // A token against forgery that is out of date is told anew with who asks.
  if (value?.error === 'sign-in' || value?.error === 'csrf') onSignedOut();
  throw new ApiError(answer.status, value?.error ?? 'unknown', value?.message ?? answer.statusText);
}

export const get = <T>(path: string, signal?: AbortSignal, byItself = false) =>
  ask<T>('GET', path, { signal, byItself });
export const post = <T>(path: string, body: unknown = {}) => ask<T>('POST', path, { body });
export const put = <T>(path: string, body: unknown = {}) => ask<T>('PUT', path, { body });
export const patch = <T>(path: string, body: unknown = {}) => ask<T>('PATCH', path, { body });
export const remove = <T>(path: string, body?: unknown) => ask<T>('DELETE', path, { body });
