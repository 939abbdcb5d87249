/** What is worth a look in a second of a contact; null: nothing. */
const NOTABLE = {
  face: ({ state }) => (state === 'negative' ? 'The face looked negative' : null),
  sound: ({ raised }) => (raised ? 'A voice was raised' : null),
};

/**
 * The stretches of a contact that models point at, in their order: what it is, and milliseconds after the arrival.
 * Seconds that follow each other are one stretch.
 */
export function momentsOf(timelines) {
  const moments = timelines.flatMap(({ kind, from, bins }) => {
    const found = [];
    bins.forEach((bin, second) => {
      const what = NOTABLE[kind](bin);
      const start = from + second * 1000;
      const last = found.at(-1);
      if (what && last?.to === start) last.to = start + 1000;
      else if (what) found.push({ what, from: start, to: start + 1000 });
    });
    return found;
  });
  return moments.sort((a, b) => a.from - b.from);
}
