import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A machine under test as the tests reach into it: a shell (`guest.sh`) that has called them over its network. */
export interface Guest {
  /** Runs one line of shell and gives what it printed. @throws Error with that, where its exit code is not 0. */
  run(line: string): Promise<string>;
  /** Makes a small text file. */
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<Buffer>;
}

/** ASCII record separator, behind what a line printed. */
const END = 0x1e;

/** Waits at a port for a machine to call. */
export async function awaitGuest(): Promise<{ port: number; guest: Promise<Guest>; close(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  const guest = once(server, 'connection').then(([socket]: Socket[]) => {
    if (!socket) throw new Error('nobody called');
    sockets.push(socket);
    return guestAt(socket);
  });
  return {
    port: (server.address() as AddressInfo).port,
    guest,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function guestAt(socket: Socket): Guest {
  let said = Buffer.alloc(0);
  const asked: PromiseWithResolvers<{ output: Buffer; code: number }>[] = [];
  socket.on('data', (chunk) => {
    said = Buffer.concat([said, chunk]);
    for (;;) {
      const end = said.indexOf(END);
      const feed = said.indexOf('\n', end);
      if (end < 0 || feed < 0) return;
      const answer = { output: said.subarray(0, end), code: Number(said.toString('latin1', end + 1, feed)) };
      said = said.subarray(feed + 1);
      asked.shift()?.resolve(answer);
    }
  });
  const gone = () => {
    for (const one of asked.splice(0)) one.reject(new Error('the machine has hung up'));
  };
  socket.on('close', gone);
  socket.on('error', gone);

  async function run(line: string): Promise<Buffer> {
    const answer = Promise.withResolvers<{ output: Buffer; code: number }>();
    asked.push(answer);
    socket.write(`${line}\n`);
    const { output, code } = await answer.promise;
    if (code !== 0) throw new Error(`${line.slice(0, 200)}: exit code ${code}: ${output.toString()}`);
    return output;
  }
  return {
    run: async (line) => (await run(line)).toString(),
    async write(path, text) {
      await run(`echo ${Buffer.from(text).toString('base64')} | base64 -d > ${path}`);
    },
    async read(path) {
      return Buffer.from((await run(`base64 ${path}`)).toString('latin1'), 'base64');
    },
  };
}
