import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { FaceScorer } from '../../models/face-scorer.ts';
import { nearFrame } from './pictures.ts';

/** Finds a face in a process of its own; says how many there were and what the health is then, after the log. */
const scorer = new FaceScorer({ clock: systemClock, log: createLog('info'), expressions: false });
await scorer.start(new AbortController().signal);
const found = await scorer.find(nearFrame());
console.log(JSON.stringify({ found: found.length, ...scorer.health() }));
await scorer.stop();
