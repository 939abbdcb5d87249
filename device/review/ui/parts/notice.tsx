import type { ComponentChildren } from 'preact';

/** A sentence that somebody has to read. `role`: a screen reader says an error at once, anything else when it has time. */
export function Notice({
  kind,
  children,
}: {
  kind: 'info' | 'warning' | 'error' | 'done';
  children: ComponentChildren;
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
