import { type Sender, topicRoot } from './event.ts';
import type { Incoming } from './link.ts';
import type { CommandName } from './orders.ts';

/** A press that comes later than this (seconds), out of a backlog or sent again, is history: it starts no automation. */
const FRESH = 60;

export interface HomeAssistantOptions {
  readonly sender: Sender;
  /** `buttons`: what may be pressed there. */
  readonly desks: readonly { readonly desk: string; readonly buttons: readonly string[] }[];
  /** Where Home Assistant looks, such as `homeassistant`. */
  readonly prefix: string;
  /** Of Contact Analyzer. */
  readonly version: string;
  /** What may be asked by MQTT. */
  readonly commands: readonly CommandName[];
  /** Keeps `payload` at the broker as the value of the whole `topic`. */
  readonly put: (topic: string, payload: string) => void;
}

/**
 * Shows each desk in Home Assistant as a device: one retained message per desk, in the words of its MQTT integration
 * (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload). It reads the topics that are there
 * anyway. A desk that is taken out of the config stays there as it was until its message is deleted by hand.
 */
export class HomeAssistant {
  readonly subscriptions: readonly string[];
  readonly #options: HomeAssistantOptions;
  readonly #status: string;

  constructor(options: HomeAssistantOptions) {
    this.#options = options;
    this.#status = `${options.prefix}/status`;
    this.subscriptions = [this.#status];
  }

  /** Says what there is. */
  announce(): void {
    const { desks, sender, prefix, put } = this.#options;
    for (const { desk, buttons } of desks) {
      // The device's name is a level of its own, so that an access list can hold each device to its own messages.
      put(`${prefix}/device/${sender.device}/${desk}/config`, JSON.stringify(this.#device(desk, buttons)));
    }
  }

  /** Takes the message in which Home Assistant says that it has started; false: it is another one. */
  take({ topic, payload }: Incoming): boolean {
    if (topic !== this.#status) return false;
    if (payload.toString() === 'online') this.announce();
    return true;
  }

  #device(desk: string, buttons: readonly string[]): object {
    const { sender, version, commands } = this.#options;
    const id = `contact-analyzer-${sender.device}-${desk}`;
    const root = topicRoot(sender);
    const parts = {
      ...states(root, desk),
      ...(buttons.length > 0 ? { press: press(root, desk, buttons) } : {}),
      ...orders(root, desk, commands),
    };
    const named = Object.entries(parts).map(([name, part]) => [
      name,
      { ...part, unique_id: `${id}-${name}` },
    ]);
    return {
      dev: {
        ids: [id],
        name: `Desk ${desk} (${sender.device})`,
        mf: 'Contact Analyzer',
        mdl: 'Desk',
        sw: version,
      },
      o: { name: 'Contact Analyzer', sw: version },
      availability: [
        {
          topic: `${root}state`,
          value_template: "{{ 'online' if value_json.state in ['ready', 'degraded'] else 'offline' }}",
        },
      ],
      qos: 1,
      cmps: Object.fromEntries(named),
    };
  }
}

/** What is kept at the broker. `None` is Home Assistant's word for a value that is not known. */
function states(root: string, desk: string): Record<string, object> {
  const day = `${root}desks/${desk}/indices/day`;
  const index = (name: string, field: 'support' | 'dissatisfaction') => ({
    p: 'sensor',
    name,
    state_topic: day,
    value_template: `{{ (value_json.${field}.value * 100) | round(1) if value_json.${field} is not none else 'None' }}`,
    unit_of_measurement: '%',
    state_class: 'measurement',
  });
  return {
    presence: {
      p: 'binary_sensor',
      name: 'Presence',
      device_class: 'occupancy',
      state_topic: `${root}desks/${desk}/presence`,
      value_template: "{{ 'None' if value_json.present is none else 'ON' if value_json.present else 'OFF' }}",
    },
    contacts: {
      p: 'sensor',
      name: 'Contacts today',
      state_topic: day,
      value_template: '{{ value_json.served }}',
      state_class: 'total_increasing',
    },
    support: index('Support index today', 'support'),
    dissatisfaction: index('Dissatisfaction index today', 'dissatisfaction'),
    queue: {
      p: 'sensor',
      name: 'Events waiting',
      entity_category: 'diagnostic',
      state_topic: `${root}health`,
      value_template: '{{ value_json.outbox }}',
      state_class: 'measurement',
    },
  };
}

/** All desks share the topic: the template lets those of this desk through, and nothing (an empty text) of the others. */
function press(root: string, desk: string, buttons: readonly string[]): object {
  const fresh = `(now() - as_datetime(value_json.time)).total_seconds() < ${FRESH}`;
  // Names are of letters, digits, - and _: as JSON they are also what a template takes.
  const here = `data.desk == ${JSON.stringify(desk)} and data.button in ${JSON.stringify(buttons)}`;
  return {
    p: 'event',
    name: 'Press',
    device_class: 'button',
    event_types: buttons,
    state_topic: `${root}events/press`,
    // A device whose clock cannot be believed says nothing of when it was.
    value_template:
      `{% set data = value_json.data %}{% if ${here} and (data.clock == 'untrusted' or ${fresh}) %}` +
      "{{ {'event_type': data.button, 'rating': data.rating} | to_json }}{% endif %}",
  };
}

function orders(root: string, desk: string, commands: readonly CommandName[]): Record<string, object> {
  const names = { pause: 'Pause the recording', resume: 'Go on recording' } as const;
  const allowed = (['pause', 'resume'] as const).filter((command) => commands.includes(command));
  return Object.fromEntries(
    allowed.map((command) => [
      command,
      {
        p: 'button',
        name: names[command],
        command_topic: `${root}cmd/${command}`,
        payload_press: JSON.stringify({ desk }),
      },
    ]),
  );
}
