import type { ComponentChildren } from 'preact';
import { useWords } from '../words.ts';
import { reportWords } from './words.ts';

/** A table of numbers; the first column names the row. */
export function Numbers({
  caption,
  head,
  rows,
}: {
  caption: string;
  head: readonly ComponentChildren[];
  rows: readonly (readonly ComponentChildren[])[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled has to be reached by keyboard
    // biome-ignore lint/a11y/useSemanticElements: nothing is filled in
    <div class="scroll" tabIndex={0} role="group" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {head.map((cell, i) =>
              cell === '' ? (
                <td key={i} />
              ) : (
                <th key={i} scope="col" class={i === 0 ? '' : 'number'}>
                  {cell}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest], i) => (
            <tr key={i}>
              <th scope="row">{first}</th>
              {rest.map((cell, n) => (
                <td key={n} class="number">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A part of the report: its picture, what it counts, the same numbers as a table, and as a file. */
export function Part({
  title,
  caption,
  csv,
  table,
  children,
}: {
  title: string;
  caption: string;
  /** Address of the file. */
  csv?: string;
  table?: ComponentChildren;
  children?: ComponentChildren;
}) {
  const t = useWords(reportWords);
  return (
    <section class="card reports-part">
      <div class="row reports-head">
        <h2>{title}</h2>
        {csv && (
          <a class="no-print" href={csv} download aria-label={`${t('csv')}: ${title}`}>
            {t('csv')}
          </a>
        )}
      </div>
      <figure>
        {children}
        <figcaption class="muted">{caption}</figcaption>
      </figure>
      {table && (
        <details>
          <summary>{t('numbers')}</summary>
          {table}
        </details>
      )}
    </section>
  );
}
