import { FRAME_HEIGHT, FRAME_WIDTH } from './ffmpeg-args.ts';

const FRAME_BYTES = FRAME_WIDTH * FRAME_HEIGHT * 3;

/** Cuts ffmpeg's stream of raw RGB into pictures. Each is a buffer of its own. */
export class FrameSplitter {
  readonly #give: (rgb: Buffer) => void;
  #frame = Buffer.allocUnsafeSlow(FRAME_BYTES);
  #filled = 0;

  constructor(give: (rgb: Buffer) => void) {
    this.#give = give;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(this.#frame, this.#filled, at);
      this.#filled += taken;
      at += taken;
      if (this.#filled < FRAME_BYTES) return;
      this.#give(this.#frame);
      this.#frame = Buffer.allocUnsafeSlow(FRAME_BYTES);
      this.#filled = 0;
    }
  }
}
