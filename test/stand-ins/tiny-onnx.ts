/** Writes ONNX files: as much of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto as a handful of nodes needs. */

type Field = readonly [number: number, value: string | number | Buffer];

/** Protocol buffers: numbers as varints, texts and messages behind their length. */
function message(...fields: Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number * 8), varint(value)];
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  // Negative numbers are 64-bit two's complement.
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}

const TYPES = { float: 1, int64: 7 } as const;
export type TensorType = keyof typeof TYPES;

/** A value that goes in or comes out. */
export function port(name: string, type: TensorType, shape: readonly number[]): Buffer {
  const dims = shape.map((size): Field => [1, message([1, size])]);
  return message([1, name], [2, message([1, message([1, TYPES[type]], [2, message(...dims)])])]);
}

export function floats(name: string, shape: readonly number[], values: readonly number[]): Buffer {
  return tensor(name, TYPES.float, shape, Buffer.from(new Float32Array(values).buffer));
}

export function integers(name: string, values: readonly number[]): Buffer {
  return tensor(
    name,
    TYPES.int64,
    [values.length],
    Buffer.from(new BigInt64Array(values.map(BigInt)).buffer),
  );
}

function tensor(name: string, type: number, shape: readonly number[], raw: Buffer): Buffer {
  return message(...shape.map((size): Field => [1, size]), [2, type], [8, name], [9, raw]);
}

/** One operator; its attributes are an integer or a list of them. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): Buffer {
  const [INT, INTS] = [2, 7];
  return message(
    ...inputs.map((name): Field => [1, name]),
    [2, output],
    [4, operator],
    ...Object.entries(attributes).map(([name, value]): Field => {
      if (typeof value === 'number') return [5, message([1, name], [3, value], [20, INT])];
      return [5, message([1, name], ...value.map((one): Field => [8, one]), [20, INTS])];
    }),
  );
}

export interface Graph {
  readonly nodes: readonly Buffer[];
  readonly constants: readonly Buffer[];
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The whole file. */
export function onnxModel({ nodes, constants, inputs, outputs, metadata }: Graph): Buffer {
  const OPERATORS = 17;
  const graph = message(
    ...nodes.map((bytes): Field => [1, bytes]),
    [2, 'tiny'],
    ...constants.map((bytes): Field => [5, bytes]),
    ...inputs.map((bytes): Field => [11, bytes]),
    ...outputs.map((bytes): Field => [12, bytes]),
  );
  return message(
    [1, 8],
    [7, graph],
    [8, message([1, ''], [2, OPERATORS])],
    ...Object.entries(metadata).map(([key, value]): Field => [14, message([1, key], [2, value])]),
  );
}
