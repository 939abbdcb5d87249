import { element, unseen } from './element.js';
import { CLOCK_REMARKS, clipWords, lasting, PRESS_FLAGS, TAGS, timeOfDay, UNUSUAL_ENDS } from './words.js';

/** The tag as a sign and a word; someone still at the desk who has not pressed is said to be there. */
export function tagBadge({ tag, state }) {
  if (state === 'open' && tag === 'unrated')
    return element('span', { class: 'tag', 'data-tag': 'open' }, 'At the desk');
  const { sign, word } = TAGS[tag];
  const mark = element('span', { class: 'sign', 'aria-hidden': 'true' }, sign);
  return element('span', { class: 'tag', 'data-tag': tag }, mark, word);
}

/** What is out of the ordinary about a contact, in words. */
export function remarks(contact) {
  return [
    contact.state !== 'open' && !contact.served && 'Too short to count',
    UNUSUAL_ENDS[contact.endReason],
    CLOCK_REMARKS[contact.clock],
  ].filter(Boolean);
}

function presses(contact) {
  return contact.presses.map(({ rating, tag, flags }) => {
    const why = flags.map((flag) => PRESS_FLAGS[flag]).join(', ');
    return element(
      'span',
      { class: 'press', 'data-tag': tag, 'data-flagged': String(flags.length > 0), title: why || null },
      rating === null ? '?' : String(rating),
      why && unseen(` (${why})`),
    );
  });
}

function cells(contact, timeZone) {
  const clip = clipWords(contact);
  return [
    element('span', { class: 'time' }, timeOfDay(contact.startedAt, timeZone)),
    element('span', { class: 'at' }, contact.desk),
    contact.state === 'open'
      ? element('span', { class: 'lasted', 'data-since': contact.startedAt })
      : element('span', { class: 'lasted' }, lasting(contact.duration ?? 0)),
    element('span', {}, tagBadge(contact)),
    element(
      'span',
      { class: 'presses' },
      contact.presses.length > 0 && unseen('presses: '),
      presses(contact),
    ),
    element('span', { class: 'clip', 'data-clip': clip.word }, clip.word && unseen('clip: '), clip.word),
    element('span', { class: 'remarks' }, remarks(contact).join(' · ')),
  ];
}

/** Keeps the rows of `list` in step with the contacts; a row whose contact did not change keeps its element, and its focus. */
export function createList(list, choose) {
  const rows = new Map();

  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (!step) return;
    event.preventDefault();
    event.target.closest('li')?.[step]?.querySelector('button').focus();
  });

  function row(contact) {
    const button = element('button', { type: 'button', class: 'row', onclick: () => choose(contact.id) });
    return { item: element('li', { 'data-id': contact.id }, button), button, shown: '' };
  }

  return {
    show(contacts, timeZone) {
      const ids = new Set(contacts.map(({ id }) => id));
      for (const [id, { item }] of rows) {
        if (ids.has(id)) continue;
        item.remove();
        rows.delete(id);
      }
      contacts.forEach((contact, place) => {
        const entry = rows.get(contact.id) ?? row(contact);
        rows.set(contact.id, entry);
        const now = JSON.stringify(contact);
        if (entry.shown !== now) {
          entry.shown = now;
          entry.button.replaceChildren(...cells(contact, timeZone));
          entry.button.dataset.state = contact.state;
          entry.button.dataset.counted = String(contact.state === 'open' || contact.served);
        }
        if (list.children[place] !== entry.item) list.insertBefore(entry.item, list.children[place] ?? null);
      });
    },
    /** Marks the chosen contact; null: none. */
    mark(chosen) {
      for (const [id, { button }] of rows) {
        if (id === chosen) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
      }
    },
    focus: (id) => rows.get(id)?.button.focus(),
  };
}
