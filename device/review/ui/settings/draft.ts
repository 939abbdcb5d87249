import type { DeviceSettings, SettingsChange, TabletLanguage } from '../../settings/settings.ts';

export const DAY = 86_400_000;
export const GB = 1e9;

/** What differs between what is written on the page and the settings as they are. */
export function changeOf(is: DeviceSettings, draft: DeviceSettings): SettingsChange {
  const keys = (Object.keys(is) as (keyof DeviceSettings)[]).filter(
    (key) => JSON.stringify(is[key]) !== JSON.stringify(draft[key]),
  );
  const change: Record<string, unknown> = Object.fromEntries(keys.map((key) => [key, draft[key]]));
  const changed = draft.shiftButtons.filter(
    (button, place) => button.receptionist !== is.shiftButtons[place]?.receptionist,
  );
  if (keys.includes('shiftButtons')) change.shiftButtons = changed;
  if (keys.includes('tablet') && draft.tablet) {
    const languages = Object.keys(draft.tablet) as TabletLanguage[];
    change.tablet = Object.fromEntries(
      languages
        .filter(
          (language) => JSON.stringify(is.tablet?.[language]) !== JSON.stringify(draft.tablet?.[language]),
        )
        .map((language) => [language, draft.tablet?.[language]]),
    );
  }
  return change as SettingsChange;
}

/** Pseudonyms that the settings know, in their order. */
export function receptionistsIn({ cards, shiftButtons }: DeviceSettings): string[] {
  return [
    ...new Set([...Object.values(cards), ...shiftButtons.map(({ receptionist }) => receptionist)]),
  ].sort();
}
