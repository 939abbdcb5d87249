import type { DeskConfig } from '../config/schema.ts';
import type { Clock } from '../device/clock.ts';
import { type CameraConfig, cameraSource } from './camera/cameras.ts';
import { checkVideoFile } from './camera/video-file.ts';
import { CardReader } from './evdev/card-reader.ts';
import { Keypad } from './evdev/keypad.ts';
import { openGpioInput, openGpioLamp } from './gpio/open.ts';
import { LedLamp } from './led-lamp.ts';
import { LineLamp } from './line-protocol/line-lamp.ts';
import { SerialInput } from './line-protocol/serial-input.ts';
import { SerialLink } from './line-protocol/serial-link.ts';
import { AlsaMicrophone } from './microphone/alsa-microphone.ts';
import { FileMicrophone } from './microphone/file-microphone.ts';
import { type BrokerConfig, MqttBus } from './mqtt/bus.ts';
import { MqttButton } from './mqtt/mqtt-button.ts';
import { MqttPresence } from './mqtt/mqtt-presence.ts';
import { ScriptedInput } from './scripted.ts';
import { sensorKind } from './serial/sensors.ts';
import { SerialSensor } from './serial/serial-sensor.ts';
import type { CameraSource, InputDriver, Lamp, MicrophoneDriver } from './types.ts';

/** From an entry of the config to its driver. Nothing is opened yet, beyond looking at a camera's file. */

export type InputConfig = DeskConfig['inputs'][number];
export type LampConfig = NonNullable<DeskConfig['lamp']>;
type MicrophoneConfig = NonNullable<DeskConfig['microphone']>;
type SecretReference = NonNullable<Extract<CameraConfig, { driver: 'rtsp' }>['password']>;

/** What drivers need that is not theirs alone. */
export interface Surroundings {
  clock: Clock;
  readSecret: (reference: SecretReference) => string;
  /** The page of a desk for a tablet. */
  tablet: (input: Extract<InputConfig, { driver: 'tablet' }>) => InputDriver;
  /** The desk's own camera as its sensor. */
  faces: (input: Extract<InputConfig, { driver: 'camera' }>) => InputDriver;
}

/** What of a desk is wired to its sensor's bus: its inputs and its lamps, where it has them. */
export interface Wires {
  inputs: InputDriver[];
  lamp: Lamp | null;
  acknowledge: Lamp | null;
}

/**
 * Inputs and lamps together, for one microcontroller may have all of them: then they share its port.
 * @throws CaError CA_CONFIG_INVALID for a script that never ends and takes no time.
 */
export function openWires(
  desk: Pick<DeskConfig, 'inputs' | 'lamp' | 'acknowledge'>,
  house: Surroundings,
): Wires {
  const { clock } = house;
  const links = new Map<string, SerialLink>();
  const linkTo: LinkTo = ({ port, baud }) => {
    const link = links.get(port) ?? new SerialLink(port, baud, clock);
    links.set(port, link);
    return link;
  };
  const buses = new Map<string, MqttBus>();
  const busTo: BusTo = (broker) => {
    const key = JSON.stringify(broker);
    const bus = buses.get(key) ?? new MqttBus(broker, house.readSecret, clock);
    buses.set(key, bus);
    return bus;
  };
  return {
    inputs: desk.inputs.map((input) => openInput(input, house, linkTo, busTo)),
    lamp: desk.lamp ? openLamp(desk.lamp, clock, linkTo) : null,
    acknowledge: desk.acknowledge ? openLamp(desk.acknowledge, clock, linkTo) : null,
  };
}

/** The link of a port, the same for all who name it. */
type LinkTo = (at: { port: string; baud: number }) => SerialLink;
/** The connection to a broker, the same for all who name it with the same user. */
type BusTo = (broker: BrokerConfig) => MqttBus;

function openInput(config: InputConfig, house: Surroundings, linkTo: LinkTo, busTo: BusTo): InputDriver {
  const { clock } = house;
  switch (config.driver) {
    case 'line-protocol':
      return new SerialInput(linkTo(config), clock);
    case 'gpio-presence':
    case 'gpio-button':
      return openGpioInput(config, clock);
    case 'ld2410':
    case 'ld2450':
    case 'rd03d':
    case 'tf-luna':
    case 'maxbotix':
      return new SerialSensor(sensorKind(config), config.port, config.baud, clock);
    case 'mqtt-presence':
      return new MqttPresence(busTo(config.broker), config, clock);
    case 'mqtt-button':
      return new MqttButton(busTo(config.broker), config, clock);
    case 'keypad':
      return new Keypad(config, clock);
    case 'card-reader':
      return new CardReader(config, clock);
    case 'tablet':
      return house.tablet(config);
    case 'camera':
      return house.faces(config);
    case 'scripted':
      return new ScriptedInput(config.steps, config.repeat, clock);
  }
}

function openLamp(config: LampConfig, clock: Clock, linkTo: LinkTo): Lamp {
  switch (config.driver) {
    case 'led':
      return new LedLamp(config.name);
    case 'gpio':
      return openGpioLamp(config, clock);
    case 'line-protocol':
      return new LineLamp(linkTo(config), clock);
  }
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
    ? new AlsaMicrophone(config.device, clock, config.latency, config.patient ? 2 : 1)
    : new FileMicrophone(config.path, clock, config.latency);
}
