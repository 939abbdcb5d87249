import { expect, it } from 'vitest';
import { merged, type Source } from './contact-recording.ts';

async function* sources(...names: string[]): AsyncGenerator<Source> {
  for (const name of names) yield { name, bytes: Buffer.from(name) };
}

async function names(first: string[], second: string[]): Promise<string[]> {
  const all: string[] = [];
  for await (const { name } of merged(sources(...first), sources(...second))) all.push(name);
  return all;
}

it('takes of the ring what the spool does not have', async () => {
  expect(await names(['1-1', '1-2'], ['1-1', '1-2', '1-3', '2-0'])).toEqual(['1-1', '1-2', '1-3', '2-0']);
  expect(await names([], ['1-1', '1-2'])).toEqual(['1-1', '1-2']);
  expect(await names(['1-1', '1-2'], [])).toEqual(['1-1', '1-2']);
});

it('takes once what is named twice: a segment that was open, and has been finished since', async () => {
  expect(await names(['1-1'], ['1-1', '1-2', '1-3', '1-3'])).toEqual(['1-1', '1-2', '1-3']);
});
