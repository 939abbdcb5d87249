import { CaError, type ErrorCode } from '../device/errors.ts';
import { type Logger, withoutCredentials } from '../device/log.ts';
import { type Sender, topicRoot } from './event.ts';
import type { Incoming } from './link.ts';
import {
  type Ack,
  type Answer,
  ackMessage,
  type CommandName,
  checked,
  commands,
  isCommand,
  type Perform,
  refusalOf,
} from './orders.ts';

/** Nothing that is said to a device is longer, bytes. */
const LONGEST = 16_384;

/** Publishes an answer, with the correlation data of its request. */
type Reply = (topic: string, payload: string, correlationData: Buffer | null) => void;

export interface InboxOptions {
  readonly sender: Sender;
  /** The commands that may be given by MQTT. */
  readonly allowed: readonly CommandName[];
  readonly perform: Perform;
  /** null: there is no hub whose acknowledgements anybody waits for. */
  readonly onAck: ((ack: Ack) => void) | null;
  /** Told of what was not even tried: `action` is the command's name, or `unknown`. */
  readonly onRefused: (action: CommandName | 'unknown', code: ErrorCode) => void;
  readonly log: Logger;
}

/**
 * What is said to the device by MQTT: the hub's acknowledgements, and commands by MQTT 5 request and response (4.10).
 *
 * A command may come twice: who gives it by QoS 1 and loses the connection, sends it again. So each of them may be
 * carried out twice: a shift that is on stays, an erased contact is told from its receipt, a resend goes out once more.
 * `veto` and `pause` mean whoever is at the desk as they come: give them an expiry interval (3.3.2.3.3) of some
 * seconds, so that a late second one never meets the next patient.
 */
export class Inbox {
  readonly subscriptions: readonly string[];
  readonly #options: InboxOptions;
  readonly #root: string;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#root = topicRoot(options.sender);
    // What nobody waits for is not asked for: the access list of a device that only reports need not allow it.
    this.subscriptions = [
      ...(options.onAck ? [`${this.#root}ack`] : []),
      ...(options.allowed.length > 0 ? [`${this.#root}cmd/+`] : []),
    ];
  }

  /** Takes a message of one of the subscriptions; others are not for it. */
  take(message: Incoming, reply: Reply): void {
    if (!message.topic.startsWith(this.#root)) return;
    const topic = message.topic.slice(this.#root.length);
    if (topic === 'ack') return this.#acknowledged(message);
    if (!topic.startsWith('cmd/')) return;
    const word = topic.slice('cmd/'.length);
    const command = isCommand(word) ? word : 'unknown';
    // It would be obeyed at each connect, for ever.
    if (message.retained) {
      this.#options.log.warn({ command }, 'a retained command is ignored: give commands without retain');
      return;
    }
    void this.#obey(word, message).then((answer) => {
      const { responseTopic, correlationData } = message;
      if (responseTopic === null) return;
      // A topic to publish to has no wildcards (4.7.1): the broker would end the connection for it.
      if (/^$|[+#\0]/.test(responseTopic))
        return this.#options.log.warn({ command }, 'no answer can be published to the response topic');
      reply(responseTopic, JSON.stringify(answer), correlationData);
    });
  }

  #acknowledged({ payload }: Incoming): void {
    try {
      this.#options.onAck?.(checked(ackMessage, parsed(payload)));
    } catch (error) {
      this.#options.log.warn({ err: error }, 'an acknowledgement cannot be understood');
    }
  }

  async #obey(word: string, { payload }: Incoming): Promise<Answer> {
    const { allowed, perform, onRefused, log } = this.#options;
    const name = isCommand(word) ? word : null;
    let request: unknown;
    try {
      if (name === null)
        throw new CaError('CA_COMMAND_INVALID', `there is no command of that name`, {
          remedy: `There are: ${Object.keys(commands).join(', ')}.`,
        });
      if (!allowed.includes(name))
        throw new CaError('CA_COMMAND_DENIED', `this device does not take the command ${name} by MQTT`);
      request = checked<unknown>(commands[name].request, parsed(payload));
    } catch (error) {
      const refusal = this.#told(error);
      log.warn({ command: name ?? 'unknown', code: refusal.code }, 'a command was refused');
      onRefused(name ?? 'unknown', refusal.code);
      return refusal;
    }
    try {
      return { ok: true, result: await perform(name, request as never, 'mqtt') };
    } catch (error) {
      return this.#told(error);
    }
  }

  /** An error as it is answered. */
  #told(error: unknown): Answer & { ok: false } {
    if (!(error instanceof CaError)) this.#options.log.error({ err: error }, 'a command failed');
    const refusal = refusalOf(error);
    // A config that is wrong is quoted in its error.
    return { ...refusal, message: withoutCredentials(refusal.message) };
  }
}

/** @throws CaError CA_COMMAND_INVALID */
function parsed(payload: Buffer): unknown {
  if (payload.length > LONGEST)
    throw new CaError('CA_COMMAND_INVALID', `${payload.length} bytes are more than ${LONGEST}`);
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    // The parser's own words quote what was said.
    throw new CaError('CA_COMMAND_INVALID', 'the request is no JSON');
  }
}
