/** A loyalty button of the desk: its name, rating and tag as in the config. */
export interface RatingButton {
  readonly name: string;
  readonly rating: number;
  readonly tag: 'positive' | 'neutral' | 'negative';
}

/** How happy a face looks: 5 beams, 3 is straight, 1 is angry. */
export type Mood = 1 | 2 | 3 | 4 | 5;

/** A button as the page shows it. `rating` is told only where two buttons have the same face, to tell them apart. */
export interface Face {
  readonly name: string;
  readonly mood: Mood;
  readonly rating: number | null;
}

/**
 * The buttons as faces, the best first. A face never contradicts the tag of its button: positive ones smile, the neutral
 * one is straight, negative ones frown, and the best of several positive and the worst of several negative more so.
 */
export function facesOf(buttons: readonly RatingButton[]): Face[] {
  const sorted = [...buttons].sort((a, b) => b.rating - a.rating);
  const tagged = (tag: RatingButton['tag']) => sorted.filter((button) => button.tag === tag);
  const best = tagged('positive').length > 1 ? tagged('positive')[0] : undefined;
  const worst = tagged('negative').length > 1 ? tagged('negative').at(-1) : undefined;
  const moodOf = (button: RatingButton): Mood => {
    if (button.tag === 'neutral') return 3;
    if (button.tag === 'positive') return button === best ? 5 : 4;
    return button === worst ? 1 : 2;
  };
  return sorted.map((button) => {
    const mood = moodOf(button);
    const shared = sorted.some((other) => other !== button && moodOf(other) === mood);
    return { name: button.name, mood, rating: shared ? button.rating : null };
  });
}
