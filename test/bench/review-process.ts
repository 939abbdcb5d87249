import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { startPage } from '../review/rig.ts';

// Serves the page on a store with as many contacts and reviews as the arguments say, filled by a process of its own: this
// one's memory is then what serving costs. Prints `[url, folder]` as JSON, ends with its input.
const rig = await startPage({
  role: 'reviewer',
  fill: (_store, folder) => {
    const args = [join(import.meta.dirname, 'review-fill.ts'), folder, ...process.argv.slice(2)];
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  },
});
console.log(JSON.stringify([rig.url, rig.folder]));
process.stdin.resume().on('end', () => void rig.stop());
