import type { ComponentChildren } from 'preact';
import { useWords } from '../words.ts';
import { accessWords } from './words.ts';

/** A table with a last column of what can be done with each row. `children`: its rows. */
export function ActionTable({ head, children }: { head: readonly string[]; children: ComponentChildren }) {
  const t = useWords(accessWords);
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">
              <span class="unseen">{t('actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
