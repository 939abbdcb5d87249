import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Keeps a row where it is on the screen when others come or go above it. `row`: finds it; null: none is chosen, and
 * nothing has to stay.
 */
export function useStayPut(row: () => Element | null): void {
  const before = useRef<{ row: Element; top: number } | null>(null);
  // While the new rows are being drawn the old ones are still there to be measured.
  const found = row();
  before.current = found ? { row: found, top: found.getBoundingClientRect().top } : null;
  useLayoutEffect(() => {
    const was = before.current;
    if (!was?.row.isConnected) return;
    const moved = was.row.getBoundingClientRect().top - was.top;
    if (moved !== 0) scrollBy({ top: moved, behavior: 'instant' });
  });
}
