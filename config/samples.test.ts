import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from './load.ts';
import { published } from './publish.ts';
import { allSettings, jsonSchema } from './settings.ts';
import { showPath } from './source.ts';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const textOf = (name: string) => readFileSync(fileOf(name), 'utf8');

const TODAY = '2026-06-15';

test.each(published().map(([file, text]) => [file.pathname.split('/').at(-1), text, file] as const))(
  '%s is what `npm run schemas` would write',
  (_name, text, file) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);

test('every setting says what it means', () => {
  expect(allSettings().filter(({ meaning }) => meaning === '')).toEqual([]);
});

describe.each(['demo.yaml', 'raspberry-pi.yaml'])('%s', (name) => {
  test('loads without a problem', () => {
    expect(() => loadConfig(fileOf(name), { today: TODAY })).not.toThrow();
  });

  test('fits the published JSON Schema, and says where that is', () => {
    expect(textOf(name).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./contact-analyzer.schema.json',
    );
    const ajv = new Ajv2020({ allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(jsonSchema());
    const values = parse(textOf(name));
    validate(values);
    expect(validate.errors).toBeNull();
    expect(validate({ ...values, desks: {} })).toBe(false);
    expect(validate({ ...values, arrival: { confirm: 15 } })).toBe(false);
    expect(validate({ ...values, arival: {} })).toBe(false);
  });
});

test('the published JSON Schema knows the two kinds of buttons', () => {
  const ajv = new Ajv2020();
  addFormats.default(ajv);
  const validate = ajv.compile(jsonSchema());
  const inputs = [{ driver: 'line-protocol', port: '/dev/serial0' }];
  const accepts = (button: object) =>
    validate({ device: 'd', data: 'x', desks: { front: { inputs, buttons: { button } } } });
  expect(accepts({ rating: 5, tag: 'positive' })).toBe(true);
  expect(accepts({ does: 'shift', receptionist: 'r-1' })).toBe(true);
  expect(accepts({ does: 'veto' })).toBe(true);
  for (const wrong of [
    {},
    { rating: 5 },
    { tag: 'positive' },
    { rating: 5, tag: 'positive', does: 'veto' },
    { does: 'shift' },
    { does: 'veto', receptionist: 'r-1' },
  ])
    expect(accepts(wrong)).toBe(false);
});

test('raspberry-pi.yaml names every setting, switched on or off', () => {
  const named = settingsIn(textOf('raspberry-pi.yaml'));
  const all = allSettings().map(({ path, variant }) => showPath(path) + (variant ? ` (${variant})` : ''));
  expect(all.filter((setting) => !named.has(setting))).toEqual([]);
});

describe('the demo', () => {
  const { config } = loadConfig(fileOf('demo.yaml'), { today: TODAY });
  const [script] = config.desks.front?.inputs ?? [];
  if (script?.driver !== 'scripted') throw new Error('the demo is not scripted');
  let now = 0;
  const moments = script.steps.map((step) => {
    now += step.wait;
    return { at: now, ...step };
  });
  const arrivals = moments.filter(({ present }) => present === true).map(({ at }) => at);
  const departures = moments.filter(({ present }) => present === false).map(({ at }) => at);

  test('shows a top press, a negative press and none within two minutes', () => {
    const pressed = arrivals.slice(0, 3).map((from, index) => {
      const until = (departures[index] ?? 0) + config.press.grace;
      return moments.filter(({ at, press }) => press && at > from && at < until).map(({ press }) => press);
    });
    expect(pressed).toEqual([['happy'], ['unhappy'], []]);
    expect((departures[2] ?? 0) + config.departure.confirm + config.press.grace).toBeLessThan(120_000);
  });

  test('leaves time between its contacts to end one, also where it begins again', () => {
    const gaps = [...arrivals.slice(1), now + (arrivals[0] ?? 0)].map(
      (at, index) => at - (departures[index] ?? 0),
    );
    for (const gap of gaps) {
      expect(gap).toBeGreaterThan(config.press.grace);
      expect(gap).toBeGreaterThan(config.departure.confirm);
    }
    expect(arrivals.length).toBe(departures.length);
  });
});

/** A key at its column, alone or after a `- `, and perhaps behind a `# ` that switches it off. Prose has no such keys. */
const SETTING = /^( *)(?:# ( *))?(- )?([a-z]\w*):(?= |$)([^#]*)/;

/** Paths of the settings that a sample names, each alone and as `path (driver)`. */
function settingsIn(sample: string): Set<string> {
  const found = new Set<string>();
  const around: { indent: number; key: string; variant: string }[] = [];
  const add = (...keys: string[]) => {
    const path = showPath([...around.map(({ key }) => key), ...keys])
      .replace(/^desks\.\w+/, 'desks.*')
      .replace(/(buttons|cards|actions|keys|phrases|texts)\.\w+/, '$1.*');
    found.add(path);
    for (const { variant } of around) found.add(`${path} (${variant})`);
  };
  for (const line of sample.split('\n')) {
    const [, outer = '', inner = '', dash, key, value = ''] = SETTING.exec(line) ?? [];
    if (key === undefined) continue;
    const indent = outer.length + inner.length;
    while ((around.at(-1)?.indent ?? -1) >= indent) around.pop();
    if (dash) {
      around.push({ indent, key: '[]', variant: '' });
      add();
    }
    const block = around.at(-1);
    if (block && value.trim() && ['driver', 'broker'].includes(key)) block.variant = value.trim();
    add(key);
    if (/^ *\[/.test(value)) add(key, '[]');
    for (const [, inline = ''] of value.matchAll(/[{,] "?(\w+)"?:/g)) add(key, inline);
    around.push({ indent: indent + (dash ? dash.length : 0), key, variant: '' });
  }
  return found;
}
