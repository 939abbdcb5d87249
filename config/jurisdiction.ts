import type { Case, Finding } from './rules.ts';
import type { Config } from './schema.ts';
import { doesShift, hearing, judging, outsideBroker, outsideStore, recordsSound } from './setup.ts';
import type { Path } from './source.ts';

/**
 * What the law of a country refuses, as far as a config can show it. The sources are public and secondary, so a config
 * that passes is no proof that it is lawful; one that does not pass is refused.
 */

type Jurisdiction = Config['jurisdiction'];

interface Law {
  in: readonly Jurisdiction[];
  article: string;
  /** Every setting, or place of a missing one, that goes against it. */
  breaches: (given: Case) => Path[];
  /** Goes on from the path. */
  message: string | ((given: Case) => string);
  remedy: string;
}

const EVERYWHERE: readonly Jurisdiction[] = ['eu', 'pl', 'ru', 'other'];
const POLISH_MONITORING = 'art. 23a ustawy o działalności leczniczej, art. 22² Kodeksu pracy';
const DAY = 86_400_000;
/** Three months that have 31 days, 31 days and 30 days. */
const THREE_MONTHS = 92 * DAY;

const ASK_FOR_CONSENT =
  'Ask the patients for their consent and write where it is filed, such as basis: consent, form 7 of 2026-01; or set scores.face: false and remove scores.own.voice.';

const where = (breached: boolean | undefined, ...path: Path): Path[] => (breached ? [path] : []);

export const LAWS: readonly Law[] = [
  // --- Whoever is judged has been told -----------------------------------------------------------------------
  {
    in: EVERYWHERE,
    article: 'EU AI Act Art. 50(3)',
    breaches: ({ config: { scores } }) =>
      where(scores && judging(scores) && !('notice' in scores), 'scores', 'notice'),
    message: 'is missing: people must be told before their faces or voices are judged',
    remedy:
      'Put up the notice at the desk and write the day here, such as 2026-01-31; or set scores.face: false and remove scores.own.voice.',
  },
  {
    in: EVERYWHERE,
    article: 'GDPR Art. 13',
    breaches: ({ config: { scores } }) =>
      where(scores?.sound && !judging(scores) && !('notice' in scores), 'scores', 'notice'),
    message: 'is missing: people must be told before their conversation is measured',
    remedy:
      'Put up the notice at the desk and write the day here, such as 2026-01-31; or set scores.sound: false.',
  },
  {
    in: EVERYWHERE,
    article: 'EU AI Act Art. 50(3)',
    breaches: ({ config: { scores }, today }) =>
      where(scores?.notice !== undefined && today !== null && scores.notice > today, 'scores', 'notice'),
    message: ({ today }) => `is still to come (today is ${today}): people must have been told already`,
    remedy: 'Turn the scores on when the notice is up, and write the day on which it was put up.',
  },

  // --- Staff are never judged --------------------------------------------------------------------------------
  {
    in: EVERYWHERE,
    article: 'EU AI Act Art. 5(1)(f)',
    breaches: ({ config: { scores }, desks }) =>
      desks.flatMap(([name, { camera }]) =>
        where(scores?.face && camera && !('patient' in camera), 'desks', name, 'camera', 'patient'),
      ),
    message: 'is missing: the emotions of a receptionist must not be inferred',
    remedy:
      "Write the patient's side of the picture, where no receptionist is ever seen, such as patient: { left: 0, right: 0.5 }; or set scores.face: false.",
  },
  {
    in: EVERYWHERE,
    article: 'EU AI Act Art. 5(1)(f)',
    breaches: ({ config: { scores }, desks }) =>
      desks.flatMap(([name, { microphone }]) =>
        where(
          scores?.own && 'voice' in scores.own && microphone && !('patient' in microphone),
          'desks',
          name,
          'microphone',
          'patient',
        ),
      ),
    message: 'is missing: the emotions of a receptionist must not be inferred, and one microphone hears both',
    remedy:
      "Connect two microphones to one sound card (driver: alsa) and write which is the patient's, patient: left or patient: right; or remove scores.own.voice.",
  },

  // --- Sound, and judging people, each need a basis ----------------------------------------------------------
  {
    // Not in Poland: there no basis helps, and asking for one would mislead.
    in: ['eu'],
    article: 'EDPB Guidelines 3/2019 ¶129, GDPR Art. 6',
    breaches: (given) => {
      const { recording } = given.config;
      const without = recording && !('soundBasis' in recording);
      return where(without && recordsSound(given), 'recording', 'soundBasis');
    },
    message: 'is missing: recording sound needs a legal basis of its own',
    remedy:
      'Write what allows it and where that is filed, such as soundBasis: consent, form 3 of 2026-01; or record no sound: take the microphones out of the desks, or set recording.capture: counts.',
  },
  {
    in: ['eu', 'pl'],
    article: 'GDPR Art. 6 and 9',
    breaches: ({ config: { scores } }) =>
      where(scores && judging(scores) && !('basis' in scores), 'scores', 'basis'),
    message: 'is missing: judging faces or voices needs a legal basis of its own',
    remedy: ASK_FOR_CONSENT,
  },
  {
    in: ['eu', 'pl'],
    article: 'GDPR Art. 9(2)(a); NAIH 2022',
    breaches: ({ config: { scores } }) => {
      const other = scores?.basis !== undefined && !/^consent\b/i.test(scores.basis);
      return where(other && judging(scores), 'scores', 'basis');
    },
    message: 'does not begin with "consent": only free and informed consent allows judging emotions',
    remedy: ASK_FOR_CONSENT,
  },
  {
    in: ['eu', 'pl'],
    article: 'GDPR Art. 32(1)(a)',
    breaches: ({ config }) =>
      where(config.scores && judging(config.scores) && sentInClear(config), 'mqtt', 'url'),
    message:
      'is not encrypted: what faces or voices were judged to say must not cross a network in the clear',
    remedy:
      'Write mqtts:// and the port at which the broker speaks TLS, as a rule 8883; or set scores.face: false and remove scores.own.voice.',
  },

  // --- Poland: monitoring is image only, for safety, three months, and not for assessing employees -----------
  {
    in: ['pl'],
    article: `${POLISH_MONITORING}; UODO 2022`,
    breaches: ({ config: { recording } }) => where(recording?.capture === 'audio', 'recording', 'capture'),
    message: 'records sound: monitoring is image only',
    remedy: 'Set recording.capture: counts; or audio+video, with no microphone in any desk.',
  },
  {
    in: ['pl'],
    article: `${POLISH_MONITORING}; UODO 2022`,
    breaches: (given) =>
      given.config.recording?.capture === 'audio+video'
        ? hearing(given).map((name) => ['desks', name, 'microphone'])
        : [],
    message: 'would be opened: monitoring is image only',
    remedy: 'Remove the microphone of this desk; or set recording.capture: counts.',
  },
  {
    in: ['pl'],
    article: `${POLISH_MONITORING}; UODO 2022`,
    breaches: ({ config: { scores } }) => where(scores?.sound, 'scores', 'sound'),
    message: 'listens to the conversation: monitoring is image only',
    remedy: 'Set scores.sound: false, and remove scores.own.voice, speech and phrases.',
  },
  {
    in: ['pl'],
    article: 'art. 22² Kodeksu pracy',
    breaches: ({ config: { cards }, desks }) => [
      ...where(Object.keys(cards ?? {}).length > 0, 'cards'),
      ...desks.flatMap(([name, desk]) => [
        ...Object.entries(desk.buttons ?? {}).flatMap(([button, does]) =>
          where(doesShift(does), 'desks', name, 'buttons', button),
        ),
        ...(desk.inputs ?? []).flatMap((input, index) =>
          where(input?.driver === 'card-reader', 'desks', name, 'inputs', index, 'driver'),
        ),
      ]),
    ],
    message: 'tells the receptionists apart: assessing employees is no purpose of monitoring',
    remedy: 'Remove it: contacts are counted without saying who was at the desk.',
  },
  {
    in: ['pl'],
    article: POLISH_MONITORING,
    breaches: ({ config: { vault } }) => where((vault?.age ?? 0) > THREE_MONTHS, 'vault', 'age'),
    message: 'is longer than three months, after which recordings must be destroyed',
    remedy: 'Write vault.age: 90d, or less.',
  },

  // --- Russia: the data stay where they are, and leaks are dear ----------------------------------------------
  {
    in: ['ru'],
    article: '152-ФЗ ст. 18 ч. 5',
    breaches: ({ config }) => {
      const broker = outsideBroker(config);
      return where(broker !== null && config.uploads?.hosts?.includes(broker.host) === false, 'mqtt', 'url');
    },
    message:
      'names a broker that is not in uploads.hosts: personal data may go to known places in the country only',
    remedy: 'Make sure that the broker stands in Russia, and write its host into uploads.hosts.',
  },
  {
    in: ['ru'],
    article: '152-ФЗ ст. 18 ч. 5',
    breaches: ({ config }) => {
      const store = outsideStore(config);
      const unnamed = store !== null && config.uploads?.hosts?.includes(store.host) === false;
      return where(unnamed, 'uploads', 'clips', 'endpoint');
    },
    message:
      'names an object store that is not in uploads.hosts: personal data may go to known places in the country only',
    remedy: 'Make sure that the object store stands in Russia, and write its host into uploads.hosts.',
  },
  {
    in: ['ru'],
    article: '152-ФЗ ст. 19; КоАП ст. 13.11',
    breaches: ({ config }) => where(sentInClear(config), 'mqtt', 'url'),
    message: 'is not encrypted, and the broker is another machine: whoever listens in has a leak in hand',
    remedy: 'Write mqtts:// and the port at which the broker speaks TLS, as a rule 8883.',
  },
];

/** What the law of the config's country says against it. */
export function lawRules(given: Case): Finding[] {
  // What applies everywhere applies to whoever mistyped the country, too.
  const country = given.config.jurisdiction ?? 'other';
  return LAWS.filter((law) => law.in.includes(country)).flatMap(({ article, breaches, message, remedy }) =>
    breaches(given).map((path) => {
      const said = typeof message === 'string' ? message : message(given);
      return { path, message: `${said} (${article})`, remedy };
    }),
  );
}

/** Messages go to another machine, and whatever lies in between can read them. */
const sentInClear = (config: Case['config']): boolean => outsideBroker(config)?.encrypted === false;
