import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes that passed a relay since it began: `up` towards the target, `down` back from it. */
export interface Passed {
  readonly up: number;
  readonly down: number;
}

/** A cable that a test can pull, step on and pinch: a TCP relay in front of a server on loopback. */
export interface Relay {
  readonly port: number;
  /** Cuts every connection and refuses new ones until `mend`. */
  cut(): void;
  /**
   * Half-open, until `mend`: connections stay and new ones are accepted, but nothing passes in either direction,
   * not even the news that an end is gone.
   */
  stall(): void;
  /** Resets (RST) the connections of now at both ends; new ones are welcome. */
  reset(): void;
  /** At most so many bytes per second in each direction, all connections together; null: as fast as it goes. */
  throttle(bytesPerSecond: number | null): void;
  /** Undoes `cut` and `stall`: what was on its way through a stalled connection arrives late. */
  mend(): void;
  passed(): Passed;
  stop(): Promise<void>;
}

/** What the two directions have in common. */
interface Link {
  /** Resolves when nothing is stalled. */
  clear: Promise<void>;
  bytesPerSecond: number | null;
}

/** One direction of the link. */
class Lane {
  bytes = 0;
  private freeAt = 0;
  private readonly link: Link;

  constructor(link: Link) {
    this.link = link;
  }

  /** Carries what comes out of `from` into `to`, and then the end of it: a FIN as a FIN, a fault as a reset. */
  async carry(from: Socket, to: Socket): Promise<void> {
    let broken = false;
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length && !to.destroyed; ) {
          const piece = chunk.subarray(at, at + this.piece());
          await this.room(piece.length);
          at += piece.length;
          this.bytes += piece.length;
          if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        }
        if (to.destroyed) break;
      }
    } catch {
      broken = true;
    }
    await this.link.clear;
    if (broken) to.resetAndDestroy();
    else to.end();
  }

  /** Bytes in one go: a twentieth of a second's worth, so that a throttled link is slow and not jerky. */
  private piece(): number {
    return this.link.bytesPerSecond === null
      ? 65_536
      : Math.max(1, Math.floor(this.link.bytesPerSecond / 20));
  }

  private async room(bytes: number): Promise<void> {
    const rate = this.link.bytesPerSecond;
    if (rate !== null) {
      this.freeAt = Math.max(performance.now(), this.freeAt) + (bytes / rate) * 1000;
      await sleep(this.freeAt - performance.now());
    } else this.freeAt = 0;
    await this.link.clear;
  }
}

/** Relays a free port of 127.0.0.1 to `target`. */
export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const link: Link = { clear: Promise.resolve(), bytesPerSecond: null };
  const up = new Lane(link);
  const down = new Lane(link);
  let whole = true;
  let release = () => {};
  const keep = (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    keep(near);
    if (!whole) return near.resetAndDestroy();
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    keep(far);
    void up.carry(near, far);
    void down.carry(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  const mend = () => {
    whole = true;
    release();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend,
    stall() {
      release();
      link.clear = new Promise((resolve) => {
        release = resolve;
      });
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    throttle(bytesPerSecond) {
      link.bytesPerSecond = bytesPerSecond;
    },
    passed: () => ({ up: up.bytes, down: down.bytes }),
    async stop() {
      cut();
      release();
      server.close();
      await once(server, 'close');
    },
  };
}
