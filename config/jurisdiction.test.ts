import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { LAWS } from './jurisdiction.ts';
import { readSource } from './source.ts';

const TODAY = '2026-06-15';
const ALL = ['eu', 'pl', 'ru', 'other'] as const;
type Country = (typeof ALL)[number] | 'uk' | undefined;

/** Settings by their paths; undefined: not there. */
type Settings = Readonly<Record<string, unknown>>;

const CAMERA = 'desks.front.camera';
const MICROPHONE = 'desks.front.microphone';
const stereo = { driver: 'alsa', patient: 'left' };
const reader = { driver: 'card-reader', device: '/dev/input/event0' };
const sensor = { driver: 'line-protocol', port: '/dev/ttyS0' };
const rtsp = { driver: 'rtsp', url: 'rtsp://camera/1' };

/** Pictures, and the faces in them judged: lawful everywhere. */
const faces: Settings = {
  ...{ device: 'd', data: 'x', 'vault.key': { credential: 'k' }, 'desks.front.inputs': [sensor] },
  ...{ 'recording.capture': 'audio+video', [CAMERA]: { ...rtsp, patient: { right: 0.5 } } },
  ...{ 'scores.face': true, 'scores.notice': TODAY, 'scores.basis': 'consent, form 7' },
};
/** And the sound with it, by two microphones, and voices judged: lawful but in Poland. */
const voices: Settings = {
  ...faces,
  ...{ [MICROPHONE]: stereo, 'recording.soundBasis': 'consent, form 3' },
  ...{ 'scores.sound': true, 'scores.own.voice': 'v' },
};
/** Sound alone, and the conversation measured. */
const sound: Settings = {
  ...voices,
  ...{ 'recording.capture': 'audio', 'scores.face': false, 'scores.own.voice': undefined },
};
const noScores = { 'scores.face': false, 'scores.sound': false, 'scores.own.voice': undefined };
const broker = (url: string, ...hosts: string[]) => ({
  ...{ 'mqtt.broker': 'external', 'mqtt.url': url, 'uploads.hosts': hosts },
});

const objects = (endpoint: string, ...hosts: string[]) => ({
  ...{ 'uploads.hosts': hosts, 'uploads.clips.endpoint': endpoint, 'uploads.clips.bucket': 'clips' },
  ...{ 'uploads.clips.accessKey': { credential: 'a' }, 'uploads.clips.secretKey': { credential: 'b' } },
});

function nested(settings: Settings): unknown {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(settings)) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let block = root;
    for (const step of steps) {
      block[step] ??= {};
      block = block[step] as Record<string, unknown>;
    }
    block[last] = value;
  }
  return root;
}

function problems(jurisdiction: Country, settings: Settings) {
  const source = readSource(JSON.stringify(nested({ jurisdiction, ...settings })));
  const checked = check(source, { today: TODAY, folder: '/' });
  return Array.isArray(checked) ? checked : [];
}

type Attempt = [what: string, from: Settings, change: Settings, ...remedies: Settings[]];
const tried: Settings[] = [];

/** Each attempt is refused there, at `path` and by `article`, and nowhere else; each change that the remedy names mends it. */
function refused(countries: readonly Country[], path: string, article: string, ...attempts: Attempt[]): void {
  describe.each(attempts)(`${path}: %s`, (_what, from, change, ...remedies) => {
    const config = { ...from, ...change };
    tried.push(config);
    const found = (country: Country, settings: Settings) =>
      problems(country, settings).filter((one) => one.path === path && one.message.includes(article));

    test.each(ALL)('%s', (country) => {
      const findings = found(country, config);
      expect(findings).toHaveLength(countries.includes(country) ? 1 : 0);
      for (const { remedy } of findings) expect(remedy).toMatch(/^[A-Z].*\.$/);
      for (const remedy of remedies) {
        expect(found(country, { ...config, ...remedy })).toEqual([]);
        // And there is nothing else to be mended; Poland also refuses what others do not.
        if (country === countries[0]) expect(problems(country, { ...config, ...remedy })).toEqual([]);
      }
    });
  });
}

const unnoticed = { 'scores.notice': undefined };
const noticed = { 'scores.notice': TODAY };
refused(
  ALL,
  'scores.notice',
  'EU AI Act Art. 50(3)',
  ['faces judged', faces, unnoticed, noticed, noScores],
  ['voices judged', voices, { ...unnoticed, 'scores.face': false }, noticed, noScores],
  ['a day to come', faces, { 'scores.notice': '2026-06-16' }, noticed],
  ['a day to come for sound', sound, { 'scores.notice': '2026-06-16' }, noticed],
);
refused(ALL, 'scores.notice', 'GDPR Art. 13', [
  'a conversation measured',
  sound,
  unnoticed,
  noticed,
  noScores,
]);

const halved = { [CAMERA]: { driver: 'v4l2', patient: { left: 0, right: 0.5 } } };
refused(ALL, `${CAMERA}.patient`, 'EU AI Act Art. 5(1)(f)', [
  'faces on both sides',
  faces,
  { [CAMERA]: { driver: 'v4l2' } },
  halved,
  noScores,
]);
const second = { 'desks.back.inputs': [{ ...sensor, port: '/dev/ttyS1' }] };
refused(ALL, 'desks.back.camera.patient', 'EU AI Act Art. 5(1)(f)', [
  'a second desk',
  faces,
  { ...second, 'desks.back.camera': rtsp },
  noScores,
]);
const right = { [MICROPHONE]: { driver: 'alsa', patient: 'right' } };
const noVoices = { 'scores.own.voice': undefined };
refused(
  ALL,
  `${MICROPHONE}.patient`,
  'EU AI Act Art. 5(1)(f)',
  ['one microphone for both', voices, { [MICROPHONE]: { driver: 'alsa' } }, right, noVoices],
  ['a file, without sides', voices, { [MICROPHONE]: { driver: 'file', path: 'a' } }, right, noVoices],
);

const unfounded = { 'recording.soundBasis': undefined };
const founded = { 'recording.soundBasis': 'consent, form 3' };
refused(
  ['eu'],
  'recording.soundBasis',
  'EDPB Guidelines 3/2019 ¶129',
  ['sound', sound, unfounded, founded, { ...noScores, 'recording.capture': 'counts' }],
  ['sound with pictures', faces, { [MICROPHONE]: stereo }, founded, { [MICROPHONE]: undefined }],
);
const consent = { 'scores.basis': 'Consent, form 7 of 2026-01' };
refused(
  ['eu', 'pl'],
  'scores.basis',
  'GDPR Art. 6 and 9',
  ['faces', faces, { 'scores.basis': undefined }, consent, noScores],
  ['voices', voices, { 'scores.basis': undefined, 'scores.face': false }, consent, noScores],
);
refused(
  ['eu', 'pl'],
  'scores.basis',
  'NAIH 2022',
  ['another basis', faces, { 'scores.basis': 'legitimate interest' }, consent, noScores],
  ['none at all', faces, { 'scores.basis': 'no consent' }, consent, noScores],
  ['nearly', faces, { 'scores.basis': 'consented by nobody' }, consent, noScores],
);
const tls = broker('mqtts://broker.example:8883', 'broker.example');
const clear = broker('mqtt://broker.example', 'broker.example');
refused(['eu', 'pl'], 'mqtt.url', 'GDPR Art. 32(1)(a)', ['what faces show', faces, clear, tls, noScores]);

const counts = { ...noScores, 'recording.capture': 'counts' };
refused(['pl'], 'recording.capture', 'art. 23a ustawy', ['sound alone', sound, {}, counts]);
refused(['pl'], MICROPHONE, 'art. 22² Kodeksu pracy', [
  'sound with pictures',
  faces,
  { ...founded, [MICROPHONE]: stereo },
  { [MICROPHONE]: undefined },
  counts,
]);
refused(['pl'], 'scores.sound', 'UODO 2022', ['a conversation', faces, { 'scores.sound': true }, noScores]);
const cards = { 'cards.0004711': 'r-1' };
const noCards = { 'cards.0004711': undefined };
refused(['pl'], 'cards', 'Kodeksu pracy', ['cards', faces, cards, noCards]);
refused(['pl'], 'desks.front.inputs[1].driver', 'Kodeksu pracy', [
  'a reader of cards',
  faces,
  { ...cards, 'desks.front.inputs': [sensor, reader] },
  { ...noCards, 'desks.front.inputs': [sensor] },
]);
const stop = { does: 'veto' };
const shift = { does: 'shift', receptionist: 'r-1' };
refused(['pl'], 'desks.front.buttons.one', 'Kodeksu pracy', [
  'shifts',
  faces,
  { 'desks.front.buttons': { one: shift, stop } },
  { 'desks.front.buttons': { stop } },
]);
refused(['pl'], 'vault.age', 'art. 23a ustawy', [
  'clips of a year',
  faces,
  { 'vault.age': '93d' },
  { 'vault.age': '92d' },
  { 'vault.age': undefined },
]);

refused(
  ['ru'],
  'mqtt.url',
  '152-ФЗ ст. 18 ч. 5',
  ['any broker', faces, broker('mqtts://broker.example'), tls, broker('mqtt://127.0.0.1:1883')],
  ['a broker not named', faces, broker('mqtts://evil.example', 'broker.example'), tls],
);
const named = objects('https://s3.example', 's3.example');
refused(['ru'], 'uploads.clips.endpoint', '152-ФЗ ст. 18 ч. 5', [
  'any object store',
  faces,
  objects('https://s3.example'),
  named,
  objects('http://127.0.0.1:9000'),
]);
refused(['ru'], 'mqtt.url', '152-ФЗ ст. 19', ['counts in the clear', faces, { ...noScores, ...clear }, tls]);

test('every law has been tried', () => {
  const heard = tried.flatMap((config) => ALL.flatMap((country) => problems(country, config)));
  for (const { article, message } of LAWS) {
    const said = typeof message === 'string' ? `${message} (${article})` : 'is still to come';
    expect(heard.filter((problem) => problem.message.includes(said))).not.toEqual([]);
  }
});

test.each(ALL)('what is lawful is not refused: %s', (country) => {
  const poland = country === 'pl';
  expect(problems(country, faces)).toEqual([]);
  expect(problems(country, { ...faces, ...tls })).toEqual([]);
  for (const config of [voices, sound]) expect(problems(country, config).length > 0).toBe(poland);
  expect(problems(country, { ...faces, ...counts, ...cards }).length > 0).toBe(poland);
  expect(problems(country, { ...faces, 'vault.age': '365d' }).length > 0).toBe(poland);
  // Counts alone may go in the clear to a broker in the house, but in Russia.
  expect(problems(country, { ...faces, ...counts, ...clear }).length > 0).toBe(country === 'ru');
});

test('a mistyped country is no way out of what holds everywhere, and has no law of another', () => {
  const found = problems('uk', { ...faces, ...unnoticed, 'scores.basis': undefined });
  expect(found.map(({ path }) => path)).toEqual(['jurisdiction', 'scores.notice']);
});

test('the law of the European Union holds where no country is named', () => {
  const found = problems(undefined, { ...faces, 'scores.basis': undefined });
  expect(found.map(({ path }) => path)).toEqual(['scores.basis']);
});

test('what the law refuses, no other rule asks for', () => {
  expect(problems('pl', { ...faces, 'desks.front.inputs': [sensor, reader] })).toMatchObject([
    { path: 'desks.front.inputs[1].driver', remedy: expect.stringContaining('Remove') },
  ]);
});
