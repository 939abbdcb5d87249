import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floats, integers, node, onnxModel, port } from './tiny-onnx.ts';

/**
 * A language of tones, and streaming recognisers that understand it: each piece of a word is a tone of its own. They are
 * the smallest zipformers there can be, so that all of sherpa-onnx on the way from samples to text is real, and what
 * they have learnt fits in one matrix.
 */
export const PIECES = ['▁GOOD', '▁MORN', 'ING', '▁SHUT', '▁UP'] as const;
export type Piece = (typeof PIECES)[number];

export const RATE = 16_000;

/** Mel bands of the features, from 20 Hz to 7600 Hz; pieces are ten bands apart. */
const BANDS = 80;
const bandOf = (piece: number) => 20 + 10 * piece;
/** Frames of 10 ms for each run, and of them to each token. */
const [CHUNK, EACH] = [16, 4];
/** log-energy below which a band is silent. */
const SILENT = -3;

const mel = (hertz: number) => 1127 * Math.log(1 + hertz / 700);
const hertz = (band: number) => {
  const at = mel(20) + ((band + 1) * (mel(7600) - mel(20))) / (BANDS + 1);
  return 700 * (Math.exp(at / 1127) - 1);
};

/** Samples from −1 to 1: each piece 0.2 s, and 0.12 s of silence behind it. */
export function say(...pieces: Piece[]): Float32Array {
  const [long, pause] = [0.2 * RATE, 0.12 * RATE];
  const samples = new Float32Array(pieces.length * (long + pause));
  pieces.forEach((piece, index) => {
    const step = (2 * Math.PI * hertz(bandOf(PIECES.indexOf(piece)))) / RATE;
    for (let n = 0; n < long; n++) {
      // Swells and fades: a tone cut off is heard on all bands.
      const swell = Math.sin((Math.PI * n) / long);
      samples[index * (long + pause) + n] = 0.5 * swell * Math.sin(n * step);
    }
  });
  return samples;
}

export const silence = (seconds: number) => new Float32Array(seconds * RATE);

const TOKENS = ['<blk>', ...PIECES];
const SIZE = TOKENS.length;

/** What a zipformer of one layer, as small as can be, hands from one run to the next; here it is handed on unchanged. */
const STATES = [
  { name: 'cached_key', type: 'float', shape: [1, 1, 1] },
  { name: 'cached_nonlin_attn', type: 'float', shape: [1, 1, 1, 3] },
  { name: 'cached_val1', type: 'float', shape: [1, 1, 1] },
  { name: 'cached_val2', type: 'float', shape: [1, 1, 1] },
  { name: 'cached_conv1', type: 'float', shape: [1, 4, 1] },
  { name: 'cached_conv2', type: 'float', shape: [1, 4, 1] },
  { name: 'embed_states', type: 'float', shape: [1, 128, 3, 19] },
  { name: 'processed_lens', type: 'int64', shape: [1] },
] as const;

/** What makes sherpa-onnx begin with states of these shapes. */
const ZIPFORMER = {
  T: `${CHUNK}`,
  decode_chunk_len: `${CHUNK}`,
  num_encoder_layers: '1',
  encoder_dims: '4',
  query_head_dims: '1',
  value_head_dims: '1',
  num_heads: '1',
  cnn_module_kernels: '3',
  left_context_len: '1',
};

/** Features in, for each token how much it is heard out, under the name `output`. */
function listening(output: string, metadata: Readonly<Record<string, string>>): Buffer {
  // A piece is its three bands' mean; what nothing exceeds is silence.
  const learnt = Array.from({ length: BANDS * SIZE }, (_, at) => {
    const [band, token] = [Math.floor(at / SIZE), at % SIZE];
    return token > 0 && Math.abs(band - bandOf(token - 1)) <= 1 ? 1 / 3 : 0;
  });
  return onnxModel({
    nodes: [
      node('MatMul', ['x', 'learnt'], 'pieces'),
      node('Add', ['pieces', 'bias'], 'frames'),
      node('Reshape', ['frames', 'shape'], 'grouped'),
      node('ReduceMean', ['grouped'], 'logits', { axes: [2], keepdims: 0 }),
      node('LogSoftmax', ['logits'], output, { axis: -1 }),
      ...STATES.map(({ name }) => node('Identity', [name], `new_${name}`)),
    ],
    constants: [
      floats('learnt', [BANDS, SIZE], learnt),
      floats('bias', [SIZE], [SILENT, ...PIECES.map(() => 0)]),
      integers('shape', [1, CHUNK / EACH, EACH, SIZE]),
    ],
    inputs: [
      port('x', 'float', [1, CHUNK, BANDS]),
      ...STATES.map(({ name, type, shape }) => port(name, type, shape)),
    ],
    outputs: [
      port(output, 'float', [1, CHUNK / EACH, SIZE]),
      ...STATES.map(({ name, type, shape }) => port(`new_${name}`, type, shape)),
    ],
    metadata: Object.fromEntries(
      Object.entries({ ...ZIPFORMER, ...metadata }).filter(([, value]) => value !== ''),
    ),
  });
}

function writeTokens(folder: string): void {
  writeFileSync(join(folder, 'tokens.txt'), TOKENS.map((token, id) => `${token} ${id}\n`).join(''));
}

/** Writes `model.onnx` and `tokens.txt`. `metadata` is put over the right one; an empty text removes a key. */
export function writeRecogniser(folder: string, metadata: Readonly<Record<string, string>> = {}): void {
  writeFileSync(
    join(folder, 'model.onnx'),
    listening('log_probs', { model_type: 'zipformer2_ctc', ...metadata }),
  );
  writeTokens(folder);
}

/** The same as a transducer: `encoder.onnx`, `decoder.onnx`, `joiner.onnx` and `tokens.txt`. It says neither of the last two pieces again. */
export function writeTransducer(folder: string): void {
  const [CONTEXT, NEVER] = [2, -1000];
  const encoder = listening('encoder_out', { model_type: 'zipformer2' });
  // What was just said is not said again, however long it sounds; silence always may be.
  const unlike = Array.from({ length: SIZE * SIZE }, (_, at) =>
    at % SIZE === Math.floor(at / SIZE) && at > 0 ? NEVER : 0,
  );
  const decoder = onnxModel({
    nodes: [
      // Before the first words the context is padded with −1.
      node('Max', ['y', 'blank'], 'said'),
      node('Gather', ['unlike', 'said'], 'each', { axis: 0 }),
      node('ReduceMean', ['each'], 'decoder_out', { axes: [1], keepdims: 0 }),
    ],
    constants: [integers('blank', [0]), floats('unlike', [SIZE, SIZE], unlike)],
    inputs: [port('y', 'int64', [1, CONTEXT])],
    outputs: [port('decoder_out', 'float', [1, SIZE])],
    metadata: { context_size: `${CONTEXT}`, vocab_size: `${SIZE}` },
  });
  const joiner = onnxModel({
    nodes: [node('Add', ['encoder_out', 'decoder_out'], 'logit')],
    constants: [],
    inputs: [port('encoder_out', 'float', [1, SIZE]), port('decoder_out', 'float', [1, SIZE])],
    outputs: [port('logit', 'float', [1, SIZE])],
    metadata: { joiner_dim: `${SIZE}` },
  });
  for (const [name, model] of Object.entries({ encoder, decoder, joiner }))
    writeFileSync(join(folder, `${name}.onnx`), model);
  writeTokens(folder);
}
