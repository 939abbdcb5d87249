import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The rooms of the house, the nearest folder first, and the rooms that each may import from. */
const ROOMS: Record<string, string[]> = {
  'device/contacts': [],
  'device/recording': ['device/contacts', 'drivers/types.ts'],
  'device/store': ['device/contacts', 'models/readings.ts'],
  'device/review': ['device/store', 'device/contacts'],
  'device/review/ui': ['device/review', 'device/store', 'device/contacts', 'models/readings.ts'],
  drivers: ['device/contacts/model.ts', 'config/schema.ts'],
  models: ['drivers/types.ts'],
  uploader: ['device/store', 'device/contacts'],
  config: [],
};

/** What stands under every room but the domain. */
const FOUNDATIONS = [
  ...['clock.ts', 'errors.ts', 'log.ts', 'service.ts', 'back-off.ts', 'bound-process.ts', 'version.ts'],
].map((file) => `device/${file}`);
/** The domain, and what runs in a browser, stand on nothing. */
const WITHOUT_FOUNDATIONS = ['device/contacts', 'device/review/ui'];

/** Rooms whose imports from elsewhere may be types only: at run time they know nothing of it. */
const TYPES_ONLY = ['drivers', 'models', 'uploader', 'device/review/ui'];
/** Files of which every room may know the types alone. */
const TYPES_FILES = ['models/readings.ts'];

const root = resolve(import.meta.dirname, '..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** The sources of a room, without those of a room within it. */
function roomOf(room: string): string[] {
  const inner = Object.keys(ROOMS).filter((other) => other !== room && within(other, room));
  return sources(room).filter((file) => !inner.some((other) => within(file, other)));
}

const within = (file: string, place: string) => file === place || file.startsWith(`${place}/`);

describe.each(Object.keys(ROOMS))('%s', (room) => {
  const files = roomOf(room);
  test('imports only from where it may', () => {
    expect(files.length).toBeGreaterThan(0);
    const wrong: string[] = [];
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, kind = '', from = ''] of text.matchAll(
        /^(?:import|export)\s+(type\s)?[^;]*?from '(\.[^']+)'/gms,
      )) {
        const target = relative(root, resolve(root, dirname(file), from));
        const foundation = FOUNDATIONS.includes(target) && !WITHOUT_FOUNDATIONS.includes(room);
        const allowed =
          within(target, room) || foundation || (ROOMS[room] ?? []).some((to) => within(target, to));
        if (!allowed) wrong.push(`${file} imports ${target}`);
        else if (TYPES_FILES.includes(target) && room !== 'models' && kind === '')
          wrong.push(`${file} imports more than types from ${target}`);
        else if (TYPES_ONLY.includes(room) && !within(target, room) && !foundation && kind === '')
          wrong.push(`${file} imports more than types from ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test('the page takes nothing but what a browser may have', () => {
  const packages = roomOf('device/review/ui').flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/from '([^'.][^']*)'/g)].map(([, from]) => from),
  );
  expect([...new Set(packages)].filter((name) => !/^(preact(\/[\w-]+)?|uplot)$/.test(name ?? ''))).toEqual(
    [],
  );
});

test('time comes from the injected clock alone', () => {
  const places = [...Object.keys(ROOMS), 'device'].flatMap(sources);
  // What runs in a browser has the browser's clock alone.
  const users = [...new Set(places)].filter((file) => {
    if (within(file, 'device/review/ui')) return false;
    const code = readFileSync(join(root, file), 'utf8').replace(/^\s*(\*|\/\/|\/\*).*$/gm, '');
    return /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])set(Timeout|Interval)\(/.test(code);
  });
  expect(users).toEqual(['device/clock.ts']);
});

test('the domain knows no I/O, no timers and no Date', () => {
  for (const file of sources('device/contacts'))
    expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/\bDate\b(?!\.)|node:|setTimeout|process\./);
});
