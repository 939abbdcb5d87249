/**
 * Milliseconds from `wall` (Unix ms) until clips may be sent; 0: now. `hours`: local time such as "20:00-06:00", from
 * the first minute to the last, the latter not included; over midnight where it is the smaller one; the whole day where
 * they are equal.
 */
export function untilOpen(hours: string, wall: number): number {
  const [from = 0, to = 0] = hours.split('-').map(minuteOf);
  const local = new Date(wall);
  const minute = local.getHours() * 60 + local.getMinutes();
  const open = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (open || from === to) return 0;
  const day = minute < from ? 0 : 1;
  // By the calendar, not by adding hours: some days have 23 of them.
  const opening = new Date(local.getFullYear(), local.getMonth(), local.getDate() + day, 0, from);
  return opening.getTime() - wall;
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
