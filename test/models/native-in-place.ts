import { registerHooks } from 'node:module';

/** Preloaded into a process and its threads, it puts the stand-in in the place of the native engine. */
const STAND_IN = new URL('native-stand-in.cjs', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === '@tensorflow/tfjs-node' ? STAND_IN : specifier, context),
});
