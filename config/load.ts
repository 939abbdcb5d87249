import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { CaError, messageOf } from '../device/errors.ts';
import { check } from './check.ts';
import { type Problem, showProblem } from './problems.ts';
import type { Config } from './schema.ts';
import { readSource, type Source, topText } from './source.ts';

export type { Problem } from './problems.ts';

export interface LoadedConfig {
  /** All paths in it are absolute. */
  config: Config;
  /** Absolute path of the file it was read from. */
  file: string;
}

/** A config file with mistakes: all of them, one a line in the message. */
export class ConfigError extends CaError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super('CA_CONFIG_INVALID', [`${file} has ${count}:`, ...problems.map(showProblem)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads and checks a config file. `today` is the local day as `2026-01-31`, against which the date of the notice is
 * judged; null while the clock cannot be believed: a wrong clock must not keep a device from counting.
 */
export function loadConfig(path: string, { today }: { today: string | null }): LoadedConfig {
  const file = resolve(path);
  return { config: configOf(textOf(file), file, { today }), file };
}

/** The config that `text` would be in the place of `file`, an absolute path; else as `loadConfig`. */
export function configOf(text: string, file: string, { today }: { today: string | null }): Config {
  const source = readSource(text);
  const folder = dirname(file);
  const checked = source.faults.length > 0 ? syntaxProblems(source) : check(source, { today, folder });
  if (Array.isArray(checked)) throw new ConfigError(basename(file), checked);
  return withAbsolutePaths(checked, folder);
}

/**
 * The data folder alone, as an absolute path: who speaks with a service that runs needs nothing else, and the file may
 * be in the middle of being edited. @throws CaError CA_CONFIG_INVALID where it cannot be made out, CA_CONFIG_UNREADABLE
 */
export function dataFolder(path: string): string {
  const file = resolve(path);
  const data = topText(textOf(file), 'data');
  if (data !== null) return resolve(dirname(file), data);
  return loadConfig(file, { today: null }).config.data;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CaError('CA_CONFIG_UNREADABLE', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function syntaxProblems({ faults }: Source): Problem[] {
  return faults.map(({ line, column, message }) => ({
    path: '',
    line,
    value: null,
    message: `column ${column}: ${message}`,
    remedy: '',
  }));
}

/** The settings that are paths, wherever they stand: cameras and microphones from a file, secrets, certificates, models of one's own. */
const PATHS = new Set(['data', 'path', 'file', 'face', 'voice', 'speech', 'ca', 'certificate', 'recipient']);

/** Paths are relative to the config's folder, so that a config can be moved together with what belongs to it. */
function withAbsolutePaths<T>(value: T, folder: string): T {
  if (Array.isArray(value)) return value.map((item) => withAbsolutePaths(item, folder)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      PATHS.has(key) && typeof child === 'string' ? resolve(folder, child) : withAbsolutePaths(child, folder),
    ]),
  ) as T;
}
