// Stands in for @tensorflow/tfjs-node, whose native library is not to be had everywhere: a CommonJS module that
// computes with WebAssembly, refuses to load where the functions are missing that the real one calls, and counts.
const util = require('node:util');
const { dirname, sep } = require('node:path');
const core = require('@tensorflow/tfjs-core');
const { loadGraphModel } = require('@tensorflow/tfjs-converter');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');

if (!util.isNullOrUndefined(undefined) || util.isNullOrUndefined(0) || !util.isArray([])) {
  throw new Error('util is not as tfjs-node needs it');
}
setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);

const calls = { loadGraphModel: 0, separableConv2d: 0 };
module.exports = {
  ...core,
  calls,
  async ready() {
    await core.setBackend('wasm');
  },
  loadGraphModel(...args) {
    calls.loadGraphModel += 1;
    return loadGraphModel(...args);
  },
  separableConv2d(...args) {
    calls.separableConv2d += 1;
    return core.separableConv2d(...args);
  },
};
