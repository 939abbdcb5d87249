import { ChannelUsual } from '../../models/raised-voice.ts';
import { SoundEvidence } from '../../models/sound-evidence.ts';
import { loadSoundModels, type SoundModels, SoundPipeline } from '../../models/sound-pipeline.ts';
import { pcm, RATE } from '../stand-ins/two-voices.ts';

export const models: SoundModels = await loadSoundModels({ own: { voice: null, speech: null, phrases: {} } });

/** A contact as the desk hears it, a tenth of a second at a time: one microphone, or the patient's (left) and the receptionist's. */
export function hear(channels: readonly Float32Array[], usual = new ChannelUsual()) {
  const stereo = channels.length === 2;
  const pipeline = new SoundPipeline(models, {
    channels: stereo ? 2 : 1,
    patient: stereo ? 'left' : null,
    usual,
  });
  const evidence = new SoundEvidence({ stereo, phrases: null });
  const samples = pcm(...channels);
  const step = (RATE / 10) * channels.length;
  const readings = Array.from({ length: Math.ceil(samples.length / step) }, (_, n) =>
    pipeline.hear(samples.subarray(n * step, (n + 1) * step)),
  ).flat();
  readings.push(...pipeline.end());
  for (const reading of readings) evidence.add(reading);
  return { readings, summary: evidence.summary(), bins: evidence.bins() };
}

/** Level in dB (RMS). */
export function power(samples: Float32Array): number {
  return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}
