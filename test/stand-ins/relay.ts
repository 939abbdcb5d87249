import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A cable that a test can pull: a TCP relay in front of a server on loopback. */
export interface Relay {
  readonly port: number;
  /** Cuts every connection and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

/** Relays a free port of 127.0.0.1 to `target`. */
export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let whole = true;
  const keep = (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (!whole) return near.resetAndDestroy();
    const far = connect(target, '127.0.0.1');
    keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend() {
      whole = true;
    },
    async stop() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
