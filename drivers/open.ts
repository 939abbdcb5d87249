import type { DeskConfig } from '../config/schema.ts';
import type { Clock } from '../device/clock.ts';
import { AlsaMicrophone } from './alsa-microphone.ts';
import { type CameraConfig, cameraSource } from './cameras.ts';
import { FileMicrophone } from './file-microphone.ts';
import { ScriptedInput } from './scripted.ts';
import { SerialInput } from './serial-input.ts';
import type { CameraSource, InputDriver, MicrophoneDriver } from './types.ts';
import { checkVideoFile } from './video-file.ts';

/** From an entry of the config to its driver. Nothing is opened yet, beyond looking at a camera's file. */

type InputConfig = DeskConfig['inputs'][number];
type MicrophoneConfig = NonNullable<DeskConfig['microphone']>;
type SecretReference = NonNullable<Extract<CameraConfig, { driver: 'rtsp' }>['password']>;

/** @throws CaError CA_CONFIG_INVALID for a script that never ends and takes no time. */
export function openInput(config: InputConfig, clock: Clock): InputDriver {
  return config.driver === 'line-protocol'
    ? new SerialInput(config.port, config.baud, clock)
    : new ScriptedInput(config.steps, config.repeat, clock);
}

/** @throws CaError CA_CONFIG_INVALID for an address or a file that cannot serve; what `readSecret` throws. */
export function openCamera(
  config: CameraConfig,
  readSecret: (reference: SecretReference) => string,
): CameraSource {
  if (config.driver === 'file') checkVideoFile(config.path);
  const password = config.driver === 'rtsp' && config.password ? readSecret(config.password) : null;
  return cameraSource(config, password);
}

/** The microphone of a desk; silent until started. */
export function openMicrophone(config: MicrophoneConfig, clock: Clock): MicrophoneDriver {
  return config.driver === 'alsa'
    ? new AlsaMicrophone(config.device, clock)
    : new FileMicrophone(config.path, clock);
}
