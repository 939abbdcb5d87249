import { readFileSync } from 'node:fs';
import { startMuxer } from '../../device/recording/clip-muxer.ts';

/** A service with a clip under way, to be killed: `node muxer-process.ts SEGMENT FROM`. Prints a line when ffmpeg is at work. */
const [segment = '', from = ''] = process.argv.slice(2);
const muxer = startMuxer({ from: Number(from) }, async () => {});
await muxer.write(readFileSync(segment));
console.log('under way');
setInterval(() => {}, 60_000);
