import type { DeskConfig } from '../config/schema.ts';
import type { Clock } from '../device/clock.ts';
import { AlsaMicrophone } from './alsa-microphone.ts';
import { type CameraConfig, cameraSource } from './cameras.ts';
import { FileMicrophone } from './file-microphone.ts';
import { LedLamp } from './led-lamp.ts';
import { LineLamp } from './line-lamp.ts';
import { ScriptedInput } from './scripted.ts';
import { SerialInput } from './serial-input.ts';
import { SerialLink } from './serial-link.ts';
import type { CameraSource, InputDriver, Lamp, MicrophoneDriver } from './types.ts';
import { checkVideoFile } from './video-file.ts';

/** From an entry of the config to its driver. Nothing is opened yet, beyond looking at a camera's file. */

type InputConfig = DeskConfig['inputs'][number];
type LampConfig = NonNullable<DeskConfig['lamp']>;
type MicrophoneConfig = NonNullable<DeskConfig['microphone']>;
type SecretReference = NonNullable<Extract<CameraConfig, { driver: 'rtsp' }>['password']>;

/** What of a desk is wired to its sensor's bus: its inputs, and its lamp where it has one. */
export interface Wires {
  inputs: InputDriver[];
  lamp: Lamp | null;
}

/**
 * Inputs and lamp together, for one microcontroller may have all of them: then they share its port.
 * @throws CaError CA_CONFIG_INVALID for a script that never ends and takes no time.
 */
export function openWires({ inputs, lamp }: Pick<DeskConfig, 'inputs' | 'lamp'>, clock: Clock): Wires {
  const links = new Map<string, SerialLink>();
  const linkTo: LinkTo = ({ port, baud }) => {
    const link = links.get(port) ?? new SerialLink(port, baud, clock);
    links.set(port, link);
    return link;
  };
  return {
    inputs: inputs.map((input) => openInput(input, clock, linkTo)),
    lamp: lamp ? openLamp(lamp, clock, linkTo) : null,
  };
}

/** The link of a port, the same for all who name it. */
type LinkTo = (at: { port: string; baud: number }) => SerialLink;

function openInput(config: InputConfig, clock: Clock, linkTo: LinkTo): InputDriver {
  return config.driver === 'line-protocol'
    ? new SerialInput(linkTo(config), clock)
    : new ScriptedInput(config.steps, config.repeat, clock);
}

function openLamp(config: LampConfig, clock: Clock, linkTo: LinkTo): Lamp {
  return config.driver === 'led' ? new LedLamp(config.name) : new LineLamp(linkTo(config), clock);
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
    ? new AlsaMicrophone(config.device, clock, config.latency)
    : new FileMicrophone(config.path, clock, config.latency);
}
