import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { RtspCamera } from './rtsp-camera.ts';

/** An RTCP sender report (RFC 3550, 6.4.1) on channel 1 of the connection: all zero but its header. */
const REPORT = Buffer.concat([Buffer.from([0x24, 1, 0, 28, 0x80, 200, 0, 6]), Buffer.alloc(24)]);

/**
 * The way to a camera that forgets its first client: it says PLAY, and then sends that one sender reports only, as
 * GStreamer's RTSP server did now and then. All others it serves.
 */
export async function forgetfulCamera(camera: RtspCamera): Promise<{ url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let first = true;
  const server = createServer((client) => {
    const server = connect(camera.port, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [client, server].map((end) => end.destroy()));
    }
    client.pipe(server);
    if (!first) return void server.pipe(client);
    first = false;
    let plays = false;
    client.on('data', (asked) => {
      plays ||= asked.includes('PLAY ');
    });
    server.on('data', (said) => {
      // The answer to PLAY comes before any picture.
      if (said.includes('RTSP/1.0')) client.write(plays ? answerIn(said) : said);
    });
    const reports = setInterval(() => plays && client.write(REPORT), 2_000);
    client.once('close', () => clearInterval(reports));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/cam`,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Without the pictures that came with it. */
const answerIn = (said: Buffer) => said.subarray(0, said.indexOf('\r\n\r\n') + 4);
