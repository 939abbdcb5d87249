import { useEffect, useState } from 'preact/hooks';

const moved = 'ca:moved';

/**
 * Goes to an address of the page without loading it anew. `from`: the list that it was opened out of; the browser keeps it
 * beside the address, so that it outlives a reload.
 */
export function go(
  to: string,
  { replace = false, from = null }: { replace?: boolean; from?: string | null } = {},
): void {
  if (replace) history.replaceState({ from }, '', to);
  else history.pushState({ from }, '', to);
  dispatchEvent(new Event(moved));
}

/** The list that this was opened out of; null: none that goes on by itself. */
export function cameFrom(): string | null {
  const state: { from?: unknown } | null = history.state;
  return typeof state?.from === 'string' ? state.from : null;
}

/** Where the page is; drawn anew when that changes. */
export function useAddress(): URL {
  const [address, set] = useState(location.href);
  useEffect(() => {
    const listener = () => set(location.href);
    addEventListener('popstate', listener);
    addEventListener(moved, listener);
    return () => {
      removeEventListener('popstate', listener);
      removeEventListener(moved, listener);
    };
  }, []);
  return new URL(address);
}

/** Follows links within the page by `go`: for the `onClick` of what holds them. A link says by `data-from` which list it is in. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  if (link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash, { from: link.dataset.from ?? null });
}
