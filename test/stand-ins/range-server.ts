import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface RangeServer {
  readonly url: string;
  /** Of each answer it sends this many bytes at most, and then leaves the player waiting. */
  most: number;
  stop(): void;
}

/** Serves the MP4s of `folder`, whole or a range of one, as a player asks for them; what follows a `?` makes no difference. Any other path is an empty page. */
export async function serveRanges(folder: string): Promise<RangeServer> {
  const server = createServer(async (request, response) => {
    const name = request.url?.slice(1).split('?')[0] ?? '';
    if (!name.endsWith('.mp4'))
      return response.setHeader('content-type', 'text/html').end('<title>player</title>');
    const { size } = await stat(join(folder, name));
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const [start, end] = [Number(first), last === '' ? size - 1 : Number(last)];
    response.writeHead(request.headers.range ? 206 : 200, {
      'content-type': 'video/mp4',
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'content-length': end - start + 1,
      ...(request.headers.range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    });
    const stop = Math.min(end, start + running.most - 1);
    const file = createReadStream(join(folder, name), { start, end: stop });
    response.on('close', () => file.destroy());
    file.pipe(response, { end: stop === end });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const running: RangeServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    most: Number.POSITIVE_INFINITY,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return running;
}
