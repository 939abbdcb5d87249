import { createDetail } from './detail.js';
import { createList } from './list.js';
import { follow } from './live.js';
import { desks, figures, tick } from './overview.js';
import { dayOf, timeOfDay } from './words.js';

const at = (id) => document.getElementById(id);
const list = createList(at('list'), choose);
const detail = createDetail(at('detail'), unchoose);

let today = null;
let chosen = null;
/** Device's clock minus the browser's, ms. */
let skew = 0;
let fetching = false;
let again = false;
let retry;

const deviceNow = () => Date.now() + skew;

function choose(id) {
  chosen = id;
  showChosen();
  detail.focus();
}

function unchoose() {
  const last = chosen;
  chosen = null;
  showChosen();
  list.focus(last);
}

function showChosen() {
  const contact = today?.contacts.find(({ id }) => id === chosen) ?? null;
  list.mark(contact?.id ?? null);
  detail.show(contact, today?.timeZone);
}

function show() {
  const { contacts, timeZone, now, device } = today;
  const count = contacts.length === 1 ? '1 contact' : `${contacts.length} contacts`;
  document.title = `${count} today · ${device} · Contact Analyzer`;
  at('device').textContent = device;
  at('day').textContent = dayOf(now, timeZone);
  at('count').textContent = count;
  at('figures').replaceChildren(...figures(today));
  at('desks').replaceChildren(...desks(today));
  at('columns').hidden = contacts.length === 0;
  at('empty').hidden = contacts.length > 0;
  list.show(contacts, timeZone);
  showChosen();
  tick(deviceNow());
}

/** Fetches the day. Called again while it does, it does so once more afterwards. */
async function look() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  again = false;
  try {
    const answer = await fetch('/api/today');
    if (!answer.ok) throw new Error(`the device answered ${answer.status}`);
    today = await answer.json();
    skew = Date.parse(today.now) - Date.now();
    connected();
    show();
  } catch (error) {
    console.warn('could not get the contacts:', error.message);
    lost();
    clearTimeout(retry);
    retry = setTimeout(look, 5_000);
  } finally {
    fetching = false;
    if (again) look();
  }
}

function connected() {
  at('link').dataset.state = 'live';
  at('link').textContent = 'Live';
  at('lost').hidden = true;
}

function lost() {
  at('link').dataset.state = 'lost';
  at('link').textContent = 'Connection lost';
  const from = today ? ` What you see is from ${timeOfDay(today.now, today.timeZone)}.` : '';
  at('lost').textContent = `Connection lost: the device does not answer. Trying again.${from}`;
  at('lost').hidden = false;
}

/** A new day begins with an empty list, though nothing has changed in the store. */
function beat() {
  if (today && deviceNow() >= Date.parse(today.indices.day.to)) look();
}

detail.show(null);
follow({ look, beat, lost });
setInterval(() => tick(deviceNow()), 1_000);
