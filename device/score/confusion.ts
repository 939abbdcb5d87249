/** What a person says that a recording shows. */
export const LABELS = ['negative', 'neutral', 'positive'] as const;
export type Label = (typeof LABELS)[number];

/** What the models say of it. */
export const ANSWERS = [...LABELS, 'unknown'] as const;
export type Answer = (typeof ANSWERS)[number];

export interface Judged {
  readonly label: Label;
  readonly answer: Answer;
}

/** Of one class. Shares from 0 to 1; null: there is nothing to divide by. */
export interface ClassFigures {
  /** Recordings that a person put into this class. */
  readonly examples: number;
  /** Of the recordings that were said to be of this class, those that are. */
  readonly precision: number | null;
  /** Of its examples, those that were said to be of it. */
  readonly recall: number | null;
  readonly f1: number | null;
}

export interface Agreement {
  /** Counts: a row for each label, in it a column for each answer. */
  readonly matrix: Readonly<Record<Label, Readonly<Record<Answer, number>>>>;
  readonly classes: Readonly<Record<Label, ClassFigures>>;
  readonly macroF1: number | null;
  /** Share of all recordings whose answer is the label. `unknown` is wrong. */
  readonly accuracy: number | null;
  /** Share of all recordings whose answer is `unknown`. */
  readonly unknown: number | null;
}

/**
 * How far the models agree with a person.
 *
 * F1 of a class = 2 right / (2 right + missed + false alarms). An `unknown` is missed by the class of its label, and is
 * no false alarm of any: who never answers has a macro-F1 of 0, not a good one.
 *
 * Macro-F1 is the mean over the classes that have examples. A class without any is left out: nobody can be right about
 * it, and to count it as 0 or 1 would only tell what is missing in the collection. What was wrongly said to be of it
 * still counts, as missed by the class where it belongs.
 */
export function agreementOf(judged: readonly Judged[]): Agreement {
  const count = (matches: (one: Judged) => boolean) => judged.filter(matches).length;
  const row = (label: Label) =>
    each(ANSWERS, (answer) => count((one) => one.label === label && one.answer === answer));
  const classes = each(LABELS, (label) => {
    const examples = count((one) => one.label === label);
    const said = count((one) => one.answer === label);
    const right = count((one) => one.label === label && one.answer === label);
    return {
      examples,
      precision: share(right, said),
      recall: share(right, examples),
      f1: examples === 0 ? null : share(2 * right, examples + said),
    };
  });
  const known = LABELS.flatMap((label) => classes[label].f1 ?? []);
  return {
    matrix: each(LABELS, row),
    classes,
    macroF1: share(
      known.reduce((sum, f1) => sum + f1, 0),
      known.length,
    ),
    accuracy: share(
      count(({ label, answer }) => label === answer),
      judged.length,
    ),
    unknown: share(
      count(({ answer }) => answer === 'unknown'),
      judged.length,
    ),
  };
}

const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);

function each<Key extends string, Value>(
  keys: readonly Key[],
  value: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, Value>;
}
