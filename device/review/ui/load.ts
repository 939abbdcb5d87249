import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, get } from './api.ts';

export interface Loaded<T> {
  /** What was loaded last, also while it is loaded anew; null: nothing yet. */
  readonly data: T | null;
  readonly error: ApiError | null;
  /** Whether `data` is of the path that is asked now, and not kept from the one before. */
  readonly current: boolean;
  /** Loads it again. */
  readonly reload: () => void;
}

/** What the API has at `path`, loaded again when that changes; null: nothing is asked. `live`: and whenever contacts change, always or while it says so of what is there. `keep`: until it is there, what was at the path before stays. */
export function useLoaded<T>(
  path: string | null,
  { live = false, keep = false }: { live?: boolean | ((data: T) => boolean); keep?: boolean } = {},
): Loaded<T> {
  const [state, set] = useState<{ path: string | null; data: T | null; error: ApiError | null }>({
    path: null,
    data: null,
    error: null,
  });
  const { round, reload, hear, byItself } = useRounds();
  const waits = typeof live === 'function' ? state.data !== null && live(state.data) : live;
  useChanges(waits ? hear : null);
  // `round` is there to load once more.
  useEffect(() => {
    if (path === null) return;
    const over = new AbortController();
    get<T>(path, over.signal, byItself()).then(
      (data) => over.signal.aborted || set({ path, data, error: null }),
      (error: ApiError) =>
        over.signal.aborted ||
        set((before) => ({ path, data: before.path === path ? before.data : null, error })),
    );
    return () => over.abort();
  }, [path, round]);
  return {
    data: state.path === path || keep ? state.data : null,
    error: state.path === path ? state.error : null,
    current: state.path === path,
    reload,
  };
}

/**
 * When something is to be loaded again: `round` is another one then. `reload`: somebody wants it; `hear`: contacts have
 * changed. `byItself`, asked as it is loaded: nobody did anything, and it is no use of the session.
 */
export function useRounds() {
  const [round, again] = useState(0);
  const heard = useRef(false);
  const reload = useCallback(() => again((n) => n + 1), []);
  const hear = useCallback(() => {
    heard.current = true;
    again((n) => n + 1);
  }, []);
  const byItself = useCallback(() => {
    const was = heard.current;
    heard.current = false;
    return was;
  }, []);
  return { round, reload, hear, byItself };
}

/** Calls back when something of the contacts, or at a desk, has changed. One connection for the whole page. */
export function useChanges(listener: (() => void) | null): void {
  const latest = useRef(listener);
  latest.current = listener;
  const wanted = listener !== null;
  useEffect(() => {
    if (!wanted) return;
    const hear = () => latest.current?.();
    hearers.add(hear);
    connect();
    return () => {
      hearers.delete(hear);
      if (hearers.size === 0) disconnect();
    };
  }, [wanted]);
}

const hearers = new Set<() => void>();
let source: EventSource | null = null;

/** Milliseconds. */
const AGAIN = 10_000;

function connect(lost = false): void {
  if (source) return;
  source = new EventSource('/api/changes');
  const tell = () => {
    for (const hear of hearers) hear();
  };
  source.addEventListener('change', tell);
  source.addEventListener('error', () => {
    // Whoever looks now sees whether the device answers at all.
    if (!lost) tell();
    lost = true;
    if (source?.readyState !== EventSource.CLOSED) return;
    // Refused, perhaps since too many pages are open: the browser does not try again by itself.
    source = null;
    setTimeout(() => hearers.size > 0 && connect(true), AGAIN);
  });
  source.addEventListener('open', () => {
    // What changed meanwhile was not told.
    if (lost) tell();
    lost = false;
  });
}

function disconnect(): void {
  source?.close();
  source = null;
}
