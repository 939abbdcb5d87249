import { fillStore } from '../review/filled-store.ts';

// Fills the store in the folder of the first argument with as many contacts as the second says, up to last midnight.
const [folder = '', contacts = ''] = process.argv.slice(2);
fillStore(folder, { contacts: Number(contacts), until: Math.floor(Date.now() / 86_400_000) * 86_400_000 });
