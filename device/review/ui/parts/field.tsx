import type { ComponentChildren } from 'preact';

/** A label over what is to be filled in; `hint` and `error` stand below it and are read out with it. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: what is to be filled in is the child
    <label class="field">
      <span class="label">{label}</span>
      {children}
      {hint && <span class="hint">{hint}</span>}
      {error && (
        <span class="error" role="alert">
          {error}
        </span>
      )}
    </label>
  );
}
