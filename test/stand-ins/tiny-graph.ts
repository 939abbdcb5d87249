/** A TensorFlow.js graph: 16 × 16 pixels of three colours in, the mean of each colour out. Its weights are in two shards. */
export function tinyGraph() {
  const shape = (...sizes: number[]) => ({ shape: { dim: sizes.map((size) => ({ size: `${size}` })) } });
  const constant = (name: string) => ({ name, op: 'Const', attr: { dtype: { type: 'DT_INT32' } } });
  const model = {
    format: 'graph-model',
    modelTopology: {
      versions: { producer: 1 },
      node: [
        {
          name: 'face',
          op: 'Placeholder',
          attr: { dtype: { type: 'DT_FLOAT' }, shape: shape(1, 16, 16, 3) },
        },
        constant('list'),
        constant('axis'),
        { name: 'pixels', op: 'Reshape', input: ['face', 'list'], attr: {} },
        { name: 'colours', op: 'Mean', input: ['pixels', 'axis'], attr: { keep_dims: { b: false } } },
      ],
    },
    weightsManifest: [
      {
        paths: ['shard1.bin', 'shard2.bin'],
        weights: [
          { name: 'list', shape: [2], dtype: 'int32' },
          { name: 'axis', shape: [1], dtype: 'int32' },
        ],
      },
    ],
  };
  const bytes = Buffer.from(Int32Array.of(256, 3, 0).buffer);
  // Cut in the midst of a number, as shards are.
  const weights = [
    ['shard1.bin', bytes.subarray(0, 6)],
    ['shard2.bin', bytes.subarray(6)],
  ] as const;
  return { model, weights };
}
