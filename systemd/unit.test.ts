import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../config/load.ts';

const NAME = 'contact-analyzer.service';
const unit = readFileSync(new URL(NAME, import.meta.url), 'utf8');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unit-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What systemd-analyze says about the unit. It warns of what it does not know, and then exits with 0. */
function verify(text: string): { status: number | null; complaints: string[] } {
  const file = join(folder, NAME);
  // The program is not installed where the tests run; everything else is judged as it stands.
  writeFileSync(file, text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
  const run = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
  if (run.error) throw run.error;
  const complaints = `${run.stdout}${run.stderr}`.split('\n').filter((line) => line.includes(NAME));
  return { status: run.status, complaints };
}

function directive(name: string): string | undefined {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
}

describe('the systemd unit', () => {
  test('is accepted by systemd without a word', () => {
    expect(verify(unit)).toEqual({ status: 0, complaints: [] });
  });

  test.each([
    ['a directive that does not exist', 'RestartSec=', 'RestartSeconds='],
    ['a value that does not exist', 'ProtectHome=yes', 'ProtectHome=maybe'],
    ['a section that does not exist', '[Install]', '[Instal]'],
  ])('would not be accepted with %s', (_what, right, wrong) => {
    expect(unit).toContain(right);
    expect(verify(unit.replace(right, wrong)).complaints).toHaveLength(1);
  });

  test('starts the installed service and does not start it again on a wrong config', () => {
    expect(directive('ExecStart')).toBe(
      '/opt/contact-analyzer/device/contact-analyzer run /etc/contact-analyzer/config.yaml',
    );
    expect(directive('RestartPreventExitStatus')).toBe('78');
  });

  test('has the folders and the credentials that the sample for the Raspberry Pi names', () => {
    const sample = fileURLToPath(new URL('../config/raspberry-pi.yaml', import.meta.url));
    const { config } = loadConfig(sample, { today: null });
    expect(config.data).toBe(`/var/lib/${directive('StateDirectory')}`);
    expect(config.recording.ring.startsWith(`/run/${directive('RuntimeDirectory')}/`)).toBe(true);
    const named = [...readFileSync(sample, 'utf8').matchAll(/credential: ([\w-]+)/g)].map(([, name]) => name);
    const offered = [...unit.matchAll(/^#?LoadCredential=([\w-]+):/gm)].map(([, name]) => name);
    expect(new Set(offered)).toEqual(new Set(named));
  });
});
