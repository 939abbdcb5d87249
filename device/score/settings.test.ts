import { expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { WHOLE } from '../../models/session.ts';
import { scoreSettings } from './settings.ts';

const NOTHING = { patient: undefined, zone: undefined };
const loaded = {
  file: '/etc/desk/config.yaml',
  config: configSchema.parse({
    device: 'test',
    data: '/data',
    scores: { own: { face: '/etc/desk/faces', voice: '/voice', phrases: { wait: ['how long'] } } },
    desks: {
      front: {
        inputs: [{ driver: 'line-protocol', port: '/dev/ttyUSB0' }],
        camera: { driver: 'rtsp', url: 'rtsp://camera/', patient: { left: 0.5 } },
        microphone: { driver: 'alsa', patient: 'right' },
      },
    },
  }),
};

test('without config and options: the whole picture, one microphone, our own models', () => {
  expect(scoreSettings(null, NOTHING)).toEqual({
    zone: WHOLE,
    patient: null,
    own: { face: null, voice: null, speech: null, phrases: {} },
  });
});

test("a config gives its first desk's zone and microphone, and models beside it", () => {
  expect(scoreSettings(loaded, NOTHING)).toEqual({
    zone: { ...WHOLE, left: 0.5 },
    patient: 'right',
    own: { face: '/etc/desk/faces', voice: '/voice', speech: null, phrases: { wait: ['how long'] } },
  });
});

test('options go before the config', () => {
  const settings = scoreSettings(loaded, { patient: 'left', zone: '0,0,0.5,1' });
  expect(settings).toMatchObject({ patient: 'left', zone: { ...WHOLE, right: 0.5 } });
  expect(() => scoreSettings(null, { ...NOTHING, patient: 'middle' })).toThrow('--patient middle');
});
