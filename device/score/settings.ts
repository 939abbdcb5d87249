import type { LoadedConfig } from '../../config/load.ts';
import { WHOLE } from '../../models/session.ts';
import { CaError } from '../errors.ts';
import type { ScoreSettings } from './scored-file.ts';
import { parseZone } from './zone.ts';

/**
 * Zone, microphone and models of the config's first desk, where there is a config; options go before them.
 * @throws CaError CA_USAGE
 */
export function scoreSettings(
  loaded: LoadedConfig | null,
  options: { readonly patient: string | undefined; readonly zone: string | undefined },
): ScoreSettings {
  const { patient, zone } = options;
  if (patient !== undefined && patient !== 'left' && patient !== 'right')
    throw new CaError('CA_USAGE', `--patient ${patient} is no side`, {
      remedy: "Write left or right: the channel of the patient's microphone.",
    });
  const [desk] = Object.values(loaded?.config.desks ?? {});
  const microphone = desk?.microphone?.driver === 'alsa' ? (desk.microphone.patient ?? null) : null;
  return {
    zone: zone === undefined ? (desk?.camera?.patient ?? WHOLE) : parseZone(zone),
    patient: patient ?? microphone,
    own: ownModels(loaded),
  };
}

function ownModels(loaded: LoadedConfig | null): ScoreSettings['own'] {
  const { face = null, voice = null, speech = null, phrases = {} } = loaded?.config.scores.own ?? {};
  return { face, voice, speech, phrases };
}
