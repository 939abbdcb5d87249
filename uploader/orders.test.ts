import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CommandName, commands } from './orders.ts';

const text = readFileSync(new URL('orders.md', import.meta.url), 'utf8');
const codes = new Set(
  [
    ...readFileSync(new URL('../device/errors.ts', import.meta.url), 'utf8').matchAll(/^ {2}(CA_[A-Z_]+):/gm),
  ].map(([, code]) => code),
);
const names = Object.keys(commands) as CommandName[];
const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

/** Fields as the page writes them. */
function fieldsOf(schema: z.ZodType): string[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries<z.ZodType>(schema.shape).map(
    ([name, field]) => `${name}${field.safeParse(undefined).success ? '?' : ''}`,
  );
}

describe('orders.md', () => {
  const table = [...text.matchAll(/^\| `([a-z]+)` \|(.*)\|$/gm)];
  const rows = new Map(table.map(([, name = '', cells = '']) => [name, cells.split('|')]));

  it('has a row for each command', () => {
    expect([...rows.keys()]).toEqual(names);
  });

  it.each(names)('says what %s takes and answers', (name) => {
    const [takes = '', answers = ''] = rows.get(name) ?? [];
    expect(quoted(takes)).toEqual(fieldsOf(commands[name].request));
    expect(quoted(answers)).toEqual(fieldsOf(commands[name].result));
  });

  it('names codes that there are', () => {
    const named = quoted(text).filter((word) => word.startsWith('CA_'));
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((code) => !codes.has(code))).toEqual([]);
  });

  it.each(names)('has a true example of %s with its answer', (name) => {
    const [, section = ''] = text.split(`### \`ca/v1/clinic/cmd/${name}\`\n`);
    const blocks = (section.split('\n### ')[0] ?? '').matchAll(/```json\n([\s\S]*?)```/g);
    const [request, answer] = [...blocks].map(([, json = '']) => JSON.parse(json));
    expect(commands[name].request.parse(request)).toEqual(request);
    expect(answer.ok).toBe(true);
    expect(commands[name].result.parse(answer.result)).toEqual(answer.result);
  });
});
