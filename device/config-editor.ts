import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Edit, editConfig } from '../config/edit.ts';
import { configOf } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { changedLines } from './changed-lines.ts';
import { CaError, messageOf } from './errors.ts';
import { fsyncPath } from './fsync.ts';
import {
  type DeviceSettings,
  type SettingsChange,
  type SettingsFile,
  TABLET_LANGUAGES,
} from './review/settings/settings.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Options {
  /** Path of the config file. */
  readonly file: string;
  /** The local day as 2026-01-31; null while the clock cannot be believed. */
  readonly today: () => string | null;
  /** Has the service run with the file as it is then. */
  readonly reload: () => Promise<{ when: 'now' | 'when-free' }>;
}

/** Changes settings in the config file; comments, order and columns of the others stay as they are. */
export class ConfigEditor implements SettingsFile {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  read() {
    const text = this.#text();
    const settings = settingsIn(this.#config(text, null));
    return { revision: revisionOf(text), writable: this.#writable(), settings };
  }

  preview(change: SettingsChange, revision: string) {
    const { text, config, after } = this.#edited(change, revision);
    if (after !== text) this.#config(after, this.#options.today());
    return {
      settings: settingsIn(config),
      lines: changedLines(text, after),
      writable: this.#writable(),
    };
  }

  write(change: SettingsChange, revision: string): boolean {
    const { text, after } = this.#edited(change, revision);
    if (after === text) return false;
    this.#replace(text, after);
    return true;
  }

  reload(): Promise<{ when: 'now' | 'when-free' }> {
    return this.#options.reload();
  }

  #config(text: string, today: string | null): Config {
    return configOf(text, resolve(this.#options.file), { today });
  }

  #text(): string {
    const { file } = this.#options;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new CaError('CA_CONFIG_UNREADABLE', `cannot read ${basename(file)}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #edited(change: SettingsChange, revision: string): { text: string; config: Config; after: string } {
    const text = this.#text();
    if (revisionOf(text) !== revision)
      throw new CaError('CA_CONFIG_CHANGED', 'the config file is not the one that you saw');
    const config = this.#config(text, null);
    return { text, config, after: editConfig(text, editsOf(change, config)) };
  }

  #writable(): boolean {
    try {
      // It is replaced: what counts is the folder. A file that is made read-only is meant to stay.
      const file = realpathSync(this.#options.file);
      for (const path of [dirname(file), file]) accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  /** Checked before it takes the place of the one before, of which a copy stays beside it. */
  #replace(before: string, text: string): void {
    const { today } = this.#options;
    if (!this.#writable())
      throw new CaError('CA_CONFIG_UNWRITABLE', `the service may not write ${basename(this.#options.file)}`);
    // A link stays a link: what it names is replaced.
    const file = realpathSync(this.#options.file);
    const next = join(dirname(file), `.${basename(file)}.new`);
    const copy = join(dirname(file), `.${basename(file)}.copy`);
    try {
      const like = statSync(file);
      writeDurably(next, text, like);
      this.#config(text, today());
      writeDurably(copy, before, like);
      renameSync(copy, `${file}.before`);
      renameSync(next, file);
      fsyncPath(dirname(file));
    } catch (error) {
      for (const path of [next, copy]) rmSync(path, { force: true, recursive: true });
      if (error instanceof CaError) throw error;
      throw new CaError('CA_CONFIG_UNWRITABLE', `cannot write ${basename(file)}`, { cause: error });
    }
  }
}

const revisionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** With the mode and, where that is allowed, the owner of `like`; read back. */
function writeDurably(path: string, text: string, like: { mode: number; uid: number; gid: number }): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    fchmodSync(fd, like.mode & 0o777);
    // Only root may give files away, and nobody else has to: then it is the service's own.
    if (process.getuid?.() === 0) fchownSync(fd, like.uid, like.gid);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (readFileSync(path, 'utf8') !== text)
    throw new CaError('CA_CONFIG_UNWRITABLE', `${basename(path)} is not what was written`);
}

function settingsIn(config: Config): DeviceSettings {
  const { recording, vault, cards, desks, tablet } = config;
  const shiftButtons = Object.entries(desks).flatMap(([desk, { buttons }]) =>
    Object.entries(buttons).flatMap(([button, does]) =>
      'receptionist' in does ? [{ desk, button, receptionist: does.receptionist }] : [],
    ),
  );
  const hasTablet = Object.values(desks).some(({ inputs }) => inputs.some((i) => i.driver === 'tablet'));
  const textsIn = (language: (typeof TABLET_LANGUAGES)[number]) => {
    const { question = null, thanks = null } = tablet.texts[language] ?? {};
    return { question, thanks };
  };
  const [ru, en, pl, lt] = TABLET_LANGUAGES.map(textsIn);
  return {
    ...{ keep: recording.keep, sample: recording.sample, age: vault.age, max: vault.max },
    ...{ cards, shiftButtons },
    tablet: hasTablet && ru && en && pl && lt ? { ru, en, pl, lt } : null,
  };
}

/** What has to change in the file; a setting that is so already is left as it is written. */
function editsOf(change: SettingsChange, config: Config): Edit[] {
  const now = settingsIn(config);
  const edits: Edit[] = [];
  const set = (
    path: string[],
    is: string | number | null | undefined,
    value: string | number | null,
    as = value,
  ) => {
    if (is !== value) edits.push({ path, value: as ?? undefined });
  };
  if (change.keep !== undefined) set(['recording', 'keep'], now.keep, change.keep);
  if (change.sample !== undefined) set(['recording', 'sample'], now.sample, change.sample);
  if (change.age !== undefined) set(['vault', 'age'], now.age, change.age, durationText(change.age));
  if (change.max !== undefined) set(['vault', 'max'], now.max, change.max, sizeText(change.max));
  if (change.cards) {
    for (const card of Object.keys(now.cards))
      set(['cards', card], now.cards[card], change.cards[card] ?? null);
    for (const [card, who] of Object.entries(change.cards))
      if (!Object.hasOwn(now.cards, card)) set(['cards', card], undefined, who);
  }
  for (const { desk, button, receptionist } of change.shiftButtons ?? []) {
    const known = now.shiftButtons.find((one) => one.desk === desk && one.button === button);
    if (!known) throw new CaError('CA_COMMAND_INVALID', `desk ${desk} has no shift button ${button}`);
    set(['desks', desk, 'buttons', button, 'receptionist'], known.receptionist, receptionist);
  }
  for (const language of TABLET_LANGUAGES) {
    const [is, to] = [now.tablet?.[language], change.tablet?.[language]];
    if (!to) continue;
    for (const text of ['question', 'thanks'] as const)
      set(['tablet', 'texts', language, text], is?.[text] ?? null, to[text] || null);
  }
  return edits;
}

const durationText = (ms: number) => (ms % DAY === 0 ? `${ms / DAY}d` : `${ms / HOUR}h`);
const sizeText = (bytes: number) => (bytes % 1e9 === 0 ? `${bytes / 1e9}GB` : `${bytes / 1e6}MB`);
