import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Sits between a client and a broker on loopback, and sees when the broker acknowledges what. */
export interface MqttTap {
  readonly url: string;
  /** Resolves with `performance.now()` when the broker's PUBACK for the next publish on `topic` is here. */
  acknowledged(topic: string): Promise<number>;
  stop(): Promise<void>;
}

const PUBLISH = 3;
const PUBACK = 4;

/** Relays a free port of 127.0.0.1 to the broker on `port`. */
export async function startMqttTap(port: number): Promise<MqttTap> {
  const acks = new EventEmitter();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1');
    const topics = new Map<number, string>();
    const published = packets((type, flags, body) => {
      if (type !== PUBLISH || (flags & 0b0110) === 0) return;
      const end = 2 + body.readUInt16BE(0);
      topics.set(body.readUInt16BE(end), body.toString('utf8', 2, end));
    });
    const answered = packets((type, _flags, body) => {
      if (type === PUBACK) acks.emit(topics.get(body.readUInt16BE(0)) ?? '', performance.now());
    });
    for (const [from, to, look] of [
      [client, broker, published],
      [broker, client, answered],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        to.write(bytes);
        look(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acknowledged: (topic) => once(acks, topic).then(([at]) => at as number),
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Cuts a stream into MQTT control packets (MQTT 5.0, 2.1), however it is split. */
function packets(onPacket: (type: number, flags: number, body: Buffer) => void): (bytes: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (bytes) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (;;) {
      let length = 0;
      let at = 1;
      let byte = 0x80;
      for (; byte & 0x80 && at < held.length; at++) {
        byte = held[at] ?? 0;
        length += (byte & 0x7f) << (7 * (at - 1));
      }
      if (byte & 0x80 || held.length < at + length) return;
      const first = held[0] ?? 0;
      onPacket(first >> 4, first & 0x0f, held.subarray(at, at + length));
      held = held.subarray(at + length);
    }
  };
}
