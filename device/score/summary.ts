import { type Agreement, ANSWERS, type Answer, agreementOf, type Judged, LABELS } from './confusion.ts';
import type { LabelledFile } from './labels.ts';
import { answerOf, type ScoredFile } from './scored-file.ts';

/** What all files come to. */
export interface Summary {
  /** How many were scored, by kind, and how many could not be. */
  readonly files: {
    readonly picture: number;
    readonly video: number;
    readonly sound: number;
    readonly failed: number;
  };
  /** Seconds of video and sound. */
  readonly duration: number;
  readonly answers: Readonly<Record<Answer, number>>;
  readonly suspectedNegative: number;
  /** How far that agrees with the labels; null without any. */
  readonly labels: LabelSummary | null;
}

export interface LabelSummary extends Agreement {
  /** Files that were scored and have no label. */
  readonly unlabelled: readonly string[];
  /** Files of the table that were not scored: not given, or not readable. */
  readonly unscored: readonly string[];
}

/** A file that was given: null where it could not be scored. */
export interface Given {
  /** By `samePath`. */
  readonly path: string;
  readonly scored: ScoredFile | null;
}

export function summaryOf(
  given: readonly Given[],
  labels: ReadonlyMap<string, LabelledFile> | null,
): Summary {
  const scored = given.flatMap((one) => one.scored ?? []);
  const kinds = (kind: ScoredFile['kind']) => scored.filter((one) => one.kind === kind).length;
  const answers = scored.map(answerOf);
  return {
    files: {
      picture: kinds('picture'),
      video: kinds('video'),
      sound: kinds('sound'),
      failed: given.length - scored.length,
    },
    duration: Number(scored.reduce((sum, { duration }) => sum + (duration ?? 0), 0).toFixed(3)),
    answers: Object.fromEntries(
      ANSWERS.map((answer) => [answer, answers.filter((one) => one === answer).length]),
    ) as Record<Answer, number>,
    suspectedNegative: scored.filter(({ hint }) => hint?.kind === 'suspected-negative').length,
    labels: labels && labelSummary(given, labels),
  };
}

function labelSummary(given: readonly Given[], labels: ReadonlyMap<string, LabelledFile>): LabelSummary {
  const judged: Judged[] = [];
  const unlabelled: string[] = [];
  const left = new Map(labels);
  for (const { path, scored } of given) {
    const label = labels.get(path)?.label;
    if (!scored) continue;
    left.delete(path);
    if (label) judged.push({ label, answer: answerOf(scored) });
    else unlabelled.push(scored.file);
  }
  return { ...agreementOf(judged), unlabelled, unscored: [...left.values()].map(({ name }) => name) };
}

/** The summary for a person, a line each. */
export function summaryLines({ files, duration, answers, suspectedNegative, labels }: Summary): string[] {
  const { picture, video, sound, failed } = files;
  return [
    '',
    `scored   pictures ${picture}, videos ${video}, sound files ${sound} (${duration.toFixed(0)} s); not readable ${failed}`,
    `answers  ${ANSWERS.map((answer) => `${answers[answer]} ${answer}`).join(', ')}`,
    `hints    ${suspectedNegative} suspected-negative`,
    ...(labels ? labelLines(labels) : []),
  ];
}

function labelLines({
  matrix,
  classes,
  macroF1,
  accuracy,
  unknown,
  unlabelled,
  unscored,
}: LabelSummary): string[] {
  const row = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padStart(9)).join('');
  const figure = (share: number | null) => (share === null ? '–' : share.toFixed(3));
  return [
    '',
    `${'label'.padEnd(9)}${row([...ANSWERS, 'precision', 'recall', 'F1'].map((head) => ` ${head}`))}`,
    ...LABELS.map((label) => {
      const { precision, recall, f1 } = classes[label];
      return (
        label.padEnd(9) +
        row([...ANSWERS.map((answer) => matrix[label][answer]), ...[precision, recall, f1].map(figure)])
      );
    }),
    '',
    `macro-F1 ${figure(macroF1)}   accuracy ${figure(accuracy)}   unknown ${figure(unknown)}`,
    ...[...unlabelled].map((file) => `has no label: ${file}`),
    ...[...unscored].map((file) => `has a label and was not scored: ${file}`),
  ];
}
