/** What waited in the camera or in the network comes in a lump: the rate is counted from here on. Milliseconds. */
const SETTLED = 500;

/** What ffmpeg's `framecrc` says of the pictures that come, as they come. No picture is kept, or even decoded. */
export class PictureCount {
  #rest = '';
  #codec: string | null = null;
  #size: string | null = null;
  #pictures = 0;
  #first = 0;
  /** The first picture of those the rate is counted by: which, and when. */
  #from: { picture: number; at: number } | null = null;
  #last = 0;

  /** `now`: monotonic ms. A header line begins with `#`, and every other line is a picture. */
  push(text: string, now: number): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, key, value = ''] = /^#(codec_id|dimensions) 0: (\S+)/.exec(line) ?? [];
      if (key === 'codec_id') this.#codec = value;
      else if (key === 'dimensions') this.#size = value;
      else if (/^0,/.test(line)) {
        if (this.#pictures++ === 0) this.#first = now;
        if (now - this.#first >= SETTLED) this.#from ??= { picture: this.#pictures, at: now };
        this.#last = now;
      }
    }
  }

  get pictures(): number {
    return this.#pictures;
  }

  /** How long the rate has been counted, ms. */
  get counted(): number {
    return this.#from ? this.#last - this.#from.at : 0;
  }

  /** "h264 640x480", as far as it is known. */
  get format(): string {
    return [this.#codec, this.#size].filter(Boolean).join(' ');
  }

  /** Width x height; null before it is known. */
  get size(): string | null {
    return this.#size;
  }

  /** Pictures a second, as they arrived; null before it can be told. */
  get rate(): number | null {
    return this.#from && this.counted > 0
      ? ((this.#pictures - this.#from.picture) * 1_000) / this.counted
      : null;
  }
}
