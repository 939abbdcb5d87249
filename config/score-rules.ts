import type { Case, DraftDesk, Finding } from './rules.ts';
import { recordsSound } from './setup.ts';
import type { Path } from './source.ts';

/** What the settings of the scores say about each other, whatever the law. */
export function scoreRules(given: Case): Finding[] {
  return [
    ...sourceRules(given),
    ...ownRules(given.config.scores),
    ...given.desks.flatMap(([name, desk]) => zoneRules(name, desk)),
  ];
}

/** Faces need pictures, and conversations sound. */
function sourceRules(given: Case): Finding[] {
  const { scores, recording } = given.config;
  const capture = recording?.capture;
  if (capture === undefined) return [];
  const findings: Finding[] = [];
  if (scores?.face && capture !== 'audio+video')
    findings.push({
      path: ['scores', 'face'],
      message: `needs pictures, but recording.capture is ${capture}`,
      remedy: 'Set recording.capture: audio+video, or scores.face: false.',
    });
  if (scores?.sound && !recordsSound(given))
    findings.push({
      path: ['scores', 'sound'],
      message:
        capture === 'counts'
          ? 'needs sound, but recording.capture is counts'
          : 'needs a microphone at a desk',
      remedy:
        'Add the microphone of a desk and set recording.capture: audio or audio+video; or set scores.sound: false.',
    });
  return findings;
}

/** A model of the user's own works for a score that is on. */
function ownRules(scores: Case['config']['scores']): Finding[] {
  const own = scores?.own;
  if (!own) return [];
  const findings: Finding[] = [];
  const needs = (model: 'face' | 'voice' | 'speech', score: 'face' | 'sound') => {
    if (!(model in own) || scores[score] !== false) return;
    findings.push({
      path: ['scores', 'own', model],
      message: `has nothing to do: scores.${score} is off`,
      remedy: `Set scores.${score}: true, or remove scores.own.${model}.`,
    });
  };
  needs('face', 'face');
  needs('voice', 'sound');
  needs('speech', 'sound');
  if (own.phrases === undefined) return findings;
  const listed = Object.keys(own.phrases).length > 0;
  if (listed !== 'speech' in own)
    findings.push({
      path: ['scores', 'own', listed ? 'speech' : 'phrases'],
      message: listed
        ? 'is missing: nobody listens for scores.own.phrases'
        : 'is missing: the recogniser looks for nothing',
      remedy: listed
        ? 'Write the folder of a speech recogniser, or remove scores.own.phrases.'
        : 'Write what it shall look for, such as phrases: { greeting: [good morning] }; or remove scores.own.speech.',
    });
  return findings;
}

/** A zone that has no area lets no face through. */
function zoneRules(name: string, { camera }: DraftDesk): Finding[] {
  const zone = camera?.patient;
  const at = (edge: string): Path => ['desks', name, 'camera', 'patient', edge];
  const sides = [
    ['left', 'right'],
    ['top', 'bottom'],
  ] as const;
  return sides.flatMap(([low, high]) => {
    const [a, b] = [zone?.[low], zone?.[high]];
    if (a === undefined || b === undefined || a < b) return [];
    return {
      path: at(high),
      message: `must be more than \`${low}\`, or the patient is seen nowhere`,
      remedy: `Make \`${high}\` larger, or \`${low}\` smaller.`,
    };
  });
}
