import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../../device/recording/ffmpeg-args.ts';
import { loadFaceNets } from '../../models/face-nets.ts';
import { FacePipeline } from '../../models/face-pipeline.ts';

/**
 * The floor of `cpu.recording`: node bare-recording.ts CAMERA MICROPHONE FOLDER. Says `ready`, then `face` for each
 * picture in which one was scored; ends when its stdin does.
 */
const [camera = '', microphone = '', folder = ''] = process.argv.slice(2);
const pipeline = new FacePipeline(await loadFaceNets());
console.log('ready');

const sound = ['-q', '-D', microphone, '-t', 'raw', '-f', 'S16_LE', '-r', '16000', '-c', '1', '-'];
const arecord = spawn('arecord', sound, { stdio: ['ignore', 'pipe', 'inherit'] });
const picture = `scale=${FRAME_WIDTH}:${FRAME_HEIGHT}:force_original_aspect_ratio=decrease:flags=area,pad=${FRAME_WIDTH}:${FRAME_HEIGHT}:-1:-1`;
const ffmpeg = spawn(
  'ffmpeg',
  [
    ...[
      '-nostdin',
      '-v',
      'error',
      '-rtsp_transport',
      'tcp',
      '-use_wallclock_as_timestamps',
      '1',
      '-i',
      camera,
    ],
    ...['-nofind_stream_info', '-f', 's16le', '-ar', '16000', '-ac', '1', '-i', 'pipe:0'],
    ...['-map', '0:v', '-c:v', 'copy', '-map', '1:a', '-c:a', 'aac', '-b:a', '48k'],
    ...['-aac_coder', 'fast', '-aac_tns', '0'],
    ...['-f', 'segment', '-segment_time', '2', '-segment_wrap', '10', '-segment_format', 'mpegts'],
    join(folder, '%03d.ts'),
    ...['-map', '0:v', '-vf', `select='isnan(prev_selected_t)+gte(t-prev_selected_t,0.19)',${picture}`],
    ...['-fps_mode', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
  ],
  { stdio: [arecord.stdout, 'pipe', 'inherit'] },
);

const size = FRAME_WIDTH * FRAME_HEIGHT * 3;
let parts: Buffer[] = [];
let length = 0;
ffmpeg.stdout?.on('data', (chunk: Buffer) => {
  parts.push(chunk);
  length += chunk.length;
  if (length < size) return;
  const bytes = Buffer.concat(parts);
  const rgb = bytes.subarray(0, size);
  const { shows } = pipeline.look(
    { width: FRAME_WIDTH, height: FRAME_HEIGHT, rgb },
    performance.now() / 1_000,
  );
  if (typeof shows === 'object') console.log('face');
  parts = [bytes.subarray(size)];
  length = bytes.length - size;
});

process.stdin.resume().on('end', () => {
  ffmpeg.kill('SIGKILL');
  arecord.kill('SIGKILL');
  process.exit(0);
});
