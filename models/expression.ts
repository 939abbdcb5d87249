import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from './engine.ts';
import { EXPRESSIONS, type Expression } from './face-score.ts';
import { cut, type Picture, type Square } from './picture.ts';
import { type ModelId, modelId, readWeights } from './weights.ts';

const PACKAGE = '@vladmandic/face-api';

/** The expression net of face-api: seven classes, 0.33 MB. */
export const expressionId = (): ModelId => modelId('face-api-expression', PACKAGE);

/** Side of the net's input, in pixels. */
const INPUT = 112;
/** The mean colour of the faces it was trained on; it wants what is left, ÷ 255. */
const MEAN_RGB = [122.782, 117.001, 104.298];
const BLOCKS = ['dense0', 'dense1', 'dense2', 'dense3'];

/** Reads the expression of the face that fills a square of a picture. */
export type ExpressionNet = (picture: Picture, square: Square) => Expression;

export async function loadExpressionNet(tf: Tf): Promise<ExpressionNet> {
  const { specs, data } = await readWeights(PACKAGE, 'model/face_expression_model-weights_manifest.json');
  const tensors = tf.io.decodeWeights(data, specs);

  function weight<T extends Tensor>(name: string): T {
    const tensor = tensors[name];
    if (!tensor) throw new Error(`the weights of ${PACKAGE} lack ${name}`);
    return tensor as T;
  }

  /** One 3 × 3 convolution; all but the very first are split into one per channel and one across channels. */
  function convolve(x: Tensor4D, name: string, stride: number): Tensor4D {
    const whole = tensors[`${name}/filters`];
    const result = whole
      ? tf.conv2d(x, whole as Tensor4D, stride, 'same')
      : tf.separableConv2d(
          x,
          weight<Tensor4D>(`${name}/depthwise_filter`),
          weight<Tensor4D>(`${name}/pointwise_filter`),
          stride,
          'same',
        );
    return tf.add(result, weight<Tensor1D>(`${name}/bias`));
  }

  /** Halves the picture, then three convolutions, each fed with the sum of all before it. */
  function block(x: Tensor4D, name: string): Tensor4D {
    let sum = tf.relu(convolve(x, `${name}/conv0`, 2));
    let fed = sum;
    for (const conv of ['conv1', 'conv2', 'conv3']) {
      sum = tf.add(sum, convolve(fed, `${name}/${conv}`, 1));
      fed = tf.relu(sum);
    }
    return fed;
  }

  const mean = tf.tensor1d(MEAN_RGB);
  return (picture, square) => {
    const probabilities = tf.tidy(() => {
      const face = tf.tensor4d(cut(picture, square, INPUT), [1, INPUT, INPUT, 3]);
      const input = tf.div<Tensor4D>(tf.sub(face, mean), 255);
      const features = tf.avgPool(BLOCKS.reduce(block, input), 7, 2, 'valid');
      const classes = tf.matMul(tf.reshape(features, [1, -1]), weight<Tensor2D>('fc/weights'));
      return tf.softmax(tf.add<Tensor2D>(classes, weight<Tensor1D>('fc/bias'))).dataSync();
    });
    return Object.fromEntries(EXPRESSIONS.map((name, n) => [name, probabilities[n] ?? 0])) as Expression;
  };
}
