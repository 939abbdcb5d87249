import { randomUUID } from 'node:crypto';
import { Store } from '../../device/store/store.ts';
import { fillStore } from '../review/filled-store.ts';
import { somebody } from '../review/rig.ts';

// Fills the store in the folder of the first argument with as many contacts as the second says, up to last midnight, and
// reviews as many of them as the third says: of all classes and times.
const [folder = '', contacts = '', reviews = ''] = process.argv.slice(2);
fillStore(folder, { contacts: Number(contacts), until: Math.floor(Date.now() / 86_400_000) * 86_400_000 });

const store = new Store(folder, 'reception-1', randomUUID, Date.now, { keep: 'all', sample: 0 });
const { accountId, name: account } = somebody('reviewer');
const causes = [...store.reviews.causes.effective().keys()];
const cause = (n: number) => causes[n % causes.length] ?? '';
const asked = store.reviews.queue
  .list({ anybody: true }, 0, { of: null, desk: null, after: null, limit: Number(contacts) })
  // Ids are chance.
  .sort((a, b) => (a.id < b.id ? -1 : 1))
  .slice(0, Number(reviews));
store.together(() => {
  for (const [n, { id, class: of }] of asked.entries()) {
    const said = {
      // Where nobody was shown what was pressed, a tag has to be chosen.
      tag: of === 'negative' ? null : n % 10 === 0 ? ('negative' as const) : ('neutral' as const),
      causes: n % 3 === 0 ? ['queue', cause(n)] : [cause(n)],
      comment: `waited ${n} minutes at the desk`,
    };
    store.reviews.put(id, said, 0, { accountId, account, wall: Date.now() });
  }
});
store.close();
