import { useEffect } from 'preact/hooks';

/** The tab's title: what is left first, since tabs are narrow. `left` null: not known yet. */
export function useTabTitle(left: string | null, title: string): void {
  useEffect(() => {
    document.title = `${left === null ? '' : `${left} · `}${title} · Contact Analyzer`;
  }, [left, title]);
}
