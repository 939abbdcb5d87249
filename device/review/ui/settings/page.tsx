import type { PageProps } from '../pages.ts';
import { useWords } from '../words.ts';
import { CausesEditor } from './causes.tsx';
import { DeviceSettingsForm } from './device.tsx';
import './settings.css';
import { words } from './words.ts';

/** What of the device a manager may change, and the causes that reviewers choose from. */
export default function Settings(_props: PageProps) {
  const t = useWords(words);
  return (
    <div class="settings">
      <h1>{t('title')}</h1>
      <DeviceSettingsForm />
      <CausesEditor />
    </div>
  );
}
