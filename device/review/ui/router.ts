import { useEffect, useState } from 'preact/hooks';

const moved = 'ca:moved';

/** Goes to an address of the page without loading it anew. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event(moved));
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

/** Follows links within the page by `go`: for the `onClick` of what holds them. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  if (link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
}
