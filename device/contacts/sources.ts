/** What one presence sensor says; null: it cannot be heard. */
export type Level = boolean | null;

/** One desk, several sensors: somebody is there when any of them says so; the desk is deaf when all of them are. A deaf sensor counts as unknown, not as absent. */
export function combinedLevel(levels: Iterable<Level>): Level {
  let combined: Level = null;
  for (const level of levels) {
    if (level) return true;
    if (level === false) combined = false;
  }
  return combined;
}
