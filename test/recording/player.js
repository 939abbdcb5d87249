/**
 * Runs in the browser, where `player` plays a clip of the RTSP stand-in camera and reads the time out of what is shown.
 * JavaScript, since the project has no types of a browser.
 */
const BITS = 40;
const BARCODE_ROWS = 32;

const canvas = document.createElement('canvas');
let media = null;

const event = (name) =>
  new Promise((resolve, reject) => {
    media.addEventListener(name, resolve, { once: true });
    media.addEventListener('error', () => reject(new Error(media.error?.message)), { once: true });
  });

const picture = () =>
  new Promise((resolve) => media.requestVideoFrameCallback((_now, { mediaTime }) => resolve(mediaTime)));

/** When the picture that is shown was taken (ms), of which the barcode has the lowest 40 bits. */
function taken() {
  const { videoWidth: width } = media;
  canvas.width = width;
  canvas.height = BARCODE_ROWS;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(media, 0, 0, width, BARCODE_ROWS, 0, 0, width, BARCODE_ROWS);
  const { data } = context.getImageData(0, BARCODE_ROWS / 2, width, 1);
  let value = 0;
  for (let bit = 0; bit < BITS; bit++)
    value = value * 2 + (data[Math.floor(((bit + 0.5) * width) / BITS) * 4] > 125 ? 1 : 0);
  const span = 2 ** BITS;
  return Math.floor(Date.now() / span) * span + value;
}

globalThis.player = {
  /** Loads a clip; with pictures, tells when the first was taken. */
  async open(kind, src) {
    media?.remove();
    media = document.createElement(kind);
    media.muted = true;
    media.preload = 'auto';
    document.body.append(media);
    const first = kind === 'video' ? picture() : event('loadeddata');
    media.src = src;
    await first;
    return { first: kind === 'video' ? taken() : null, duration: media.duration };
  },
  /** Plays to the end; the times (s) in the clip of the pictures shown, and when the last was taken. */
  async play() {
    const times = [];
    const look = (_now, { mediaTime }) => {
      times.push(mediaTime);
      media.requestVideoFrameCallback(look);
    };
    media.requestVideoFrameCallback?.(look);
    const ended = event('ended');
    await media.play();
    await ended;
    return { times, at: media.currentTime, last: media.videoWidth ? taken() : null };
  },
  /** Goes to `at` (s); when the picture that is shown there was taken. */
  async seek(at) {
    const [there, shown] = [event('seeked'), picture()];
    media.currentTime = at;
    await there;
    await shown;
    return taken();
  },
};
