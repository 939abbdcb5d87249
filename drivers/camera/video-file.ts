import { execFileSync } from 'node:child_process';
import { CaError, messageOf } from '../../device/errors.ts';

/** The first video stream, as ffprobe tells it. */
interface Stream {
  codec_name?: string;
  /** Pictures that may have to wait for a later one before they can be shown. */
  has_b_frames?: number;
}

/**
 * Checks once, at the start, that a file can play a camera: its pictures are copied as they are and stamped as they
 * come, so they must be H.264 and come in the order in which they are shown.
 * @throws CaError CA_CONFIG_INVALID, CA_TOOL_MISSING
 */
export function checkVideoFile(path: string): void {
  const stream = firstVideo(path);
  if (stream?.codec_name === 'h264' && stream.has_b_frames === 0) return;
  const found =
    stream === undefined
      ? 'no video'
      : stream.codec_name === 'h264'
        ? 'H.264 with B-frames'
        : `${stream.codec_name} video`;
  throw new CaError(
    'CA_CONFIG_INVALID',
    `The camera file ${path} holds ${found}, not H.264 without B-frames`,
    {
      remedy: `Convert it: ffmpeg -i ${path} -an -c:v libx264 -bf 0 -g 15 -pix_fmt yuv420p NEW.mp4`,
    },
  );
}

function firstVideo(path: string): Stream | undefined {
  const select = ['-select_streams', 'v:0', '-show_entries', 'stream=codec_name,has_b_frames'];
  try {
    const json = execFileSync('ffprobe', ['-v', 'error', ...select, '-of', 'json', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return (JSON.parse(json) as { streams?: Stream[] }).streams?.[0];
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') {
      throw new CaError('CA_TOOL_MISSING', 'ffprobe: not found', {
        cause: error,
        remedy: 'Install the Debian package ffmpeg.',
      });
    }
    throw new CaError(
      'CA_CONFIG_INVALID',
      `Cannot read the camera file: ${stderr?.trim() || messageOf(error)}`,
      { cause: error, remedy: 'Check the path of the video and that the service may read it.' },
    );
  }
}
