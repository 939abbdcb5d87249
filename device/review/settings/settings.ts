import type { KeepPolicy } from '../../contacts/keeping.ts';

/** The languages of the page on a tablet at the desk. */
export const TABLET_LANGUAGES = ['ru', 'en', 'pl', 'lt'] as const;
export type TabletLanguage = (typeof TABLET_LANGUAGES)[number];

/** What a tablet says in a language; null: its own words. */
export interface TabletTexts {
  readonly question: string | null;
  readonly thanks: string | null;
}

/** The button of a desk that says whose shift it is. */
export interface ShiftButton {
  readonly desk: string;
  readonly button: string;
  /** A pseudonym. */
  readonly receptionist: string;
}

/** What of the config a manager may change. */
export interface DeviceSettings {
  readonly keep: KeepPolicy['keep'];
  /** Share of the unrated contacts, 0 to 1. */
  readonly sample: number;
  /** How long clips are kept, ms. */
  readonly age: number;
  /** Bytes of all clips together. */
  readonly max: number;
  /** What a card reader types, and whose card it is: a pseudonym. */
  readonly cards: Readonly<Record<string, string>>;
  readonly shiftButtons: readonly ShiftButton[];
  /** null: no desk has a tablet. */
  readonly tablet: Readonly<Partial<Record<TabletLanguage, TabletTexts>>> | null;
}

/** Settings as they are to be; what is not named stays. Of the buttons only those that are named are changed. */
export type SettingsChange = {
  readonly [K in keyof DeviceSettings]?: NonNullable<DeviceSettings[K]> | undefined;
};

/** A line of the config file before and after; null: there is none. `line` counts from 1, in the file as it is now. */
export interface ChangedLine {
  readonly line: number;
  readonly before: string | null;
  readonly after: string | null;
}

/** The config file, as far as a manager may change it. All may throw CA_CONFIG_UNREADABLE, CA_CONFIG_INVALID. */
export interface SettingsFile {
  /** `revision` says which file was read; `writable`: whether the service may change it. */
  read(): { revision: string; writable: boolean; settings: DeviceSettings };
  /** What would change in the file; refused as `write` would. @throws CaError CA_CONFIG_CHANGED where its revision is another one by now */
  preview(
    change: SettingsChange,
    revision: string,
  ): { settings: DeviceSettings; lines: readonly ChangedLine[]; writable: boolean };
  /** Changes the file. False: it says so already. @throws CaError CA_CONFIG_CHANGED, CA_CONFIG_UNWRITABLE */
  write(change: SettingsChange, revision: string): boolean;
  /** Has the service run with the file as it is. Rejects where the file or the service is not fit for that. */
  reload(): Promise<{ when: 'now' | 'when-free' }>;
}
