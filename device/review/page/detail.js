import { element } from './element.js';
import { remarks, tagBadge } from './list.js';
import { createPlayer } from './player.js';
import { clipWords, lasting, offset, PRESS_FLAGS, percent, TAG_SOURCES, timeOfDay } from './words.js';

function facts(contact, timeZone) {
  const fact = (name, value, width = null) => [
    element('dt', {}, name),
    element('dd', { class: width }, value),
  ];
  const extra = remarks(contact);
  return element(
    'dl',
    { class: 'facts' },
    fact('Arrived', timeOfDay(contact.startedAt, timeZone)),
    fact('Left', contact.endedAt ? timeOfDay(contact.endedAt, timeZone) : '–'),
    fact('Lasted', contact.duration === null ? '–' : lasting(contact.duration)),
    fact('Rating', contact.rating === null ? '–' : `${contact.rating}${contact.top ? ', the highest' : ''}`),
    contact.tagSource && fact('Tagged', TAG_SOURCES[contact.tagSource], 'wide'),
    extra.length > 0 && fact('Remarks', extra.join(' · '), 'wide'),
  );
}

function pressList(contact) {
  if (contact.presses.length === 0) return null;
  const items = contact.presses.map(({ time, button, rating, tag, flags }) =>
    element(
      'li',
      {},
      element(
        'span',
        { class: 'press', 'data-tag': tag, 'data-flagged': String(flags.length > 0) },
        rating === null ? '?' : String(rating),
      ),
      element('span', { class: 'offset' }, offset(Date.parse(time) - Date.parse(contact.startedAt))),
      element('span', {}, `button ${button}`),
      element('span', { class: 'muted' }, flags.map((flag) => PRESS_FLAGS[flag]).join(', ')),
    ),
  );
  return [element('h3', {}, 'Presses'), element('ul', { class: 'press-list' }, items)];
}

function estimates(contact) {
  if (contact.scores.length === 0) return null;
  const rows = contact.scores.map((score) => {
    const source = score.models.map(({ id, version }) => `${id} ${version}`).join(', ');
    return score.kind === 'face' ? faceEstimate(score.summary, source) : soundFacts(score.summary, source);
  });
  const suspected = contact.hint?.reasons.join('; ');
  return [
    element('h3', {}, 'What the models say'),
    suspected ? element('p', {}, `Worth a look: ${suspected}.`) : null,
    rows,
    element('p', { class: 'muted' }, 'An estimate, often wrong. It never sets the tag.'),
  ];
}

function faceEstimate(face, source) {
  if (face.negative === null)
    return element(
      'p',
      { class: 'muted' },
      `The face could not be told in ${face.looked} pictures (${source}).`,
    );
  const shares = ['negative', 'neutral', 'positive'].map((name) => {
    const part = element('span', { class: 'part', 'data-tag': name });
    part.style.flexGrow = String(face[name]);
    return { part, word: element('span', { 'data-tag': name }, `${name} ${percent(face[name])}`) };
  });
  return element(
    'div',
    { class: 'estimate' },
    element(
      'div',
      { class: 'parts', 'aria-hidden': 'true' },
      shares.map(({ part }) => part),
    ),
    element(
      'p',
      { class: 'legend' },
      shares.map(({ word }) => word),
    ),
    element(
      'p',
      { class: 'muted' },
      `The face, told for ${percent(face.coverage)} of the time: ${face.verdict} (${source}).`,
    ),
  );
}

function soundFacts(sound, source) {
  if (sound.heard === 0) return element('p', { class: 'muted' }, 'The sound was not listened to.');
  const facts = [
    `speech ${percent(sound.speech)} of the time`,
    `longest silence ${Math.round(sound.longestSilence)} s`,
    sound.raised > 0 ? `voice raised for ${Math.round(sound.raised)} s` : null,
    sound.dropped >= 1 ? `${Math.round(sound.dropped)} s not listened to` : null,
  ];
  return element('p', { class: 'muted' }, `The sound: ${facts.filter(Boolean).join(', ')} (${source}).`);
}

/** The panel of the chosen contact. */
export function createDetail(panel, close) {
  let player = null;
  let shown = '';

  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && panel.dataset.open === 'true') close();
  });

  return {
    /** `contact` null: nothing is chosen. The player of an unchanged clip plays on. */
    show(contact, timeZone) {
      const now = JSON.stringify(contact);
      if (shown === now) return;
      shown = now;
      panel.dataset.open = String(contact !== null);
      if (contact === null) {
        player = null;
        panel.replaceChildren();
        return;
      }
      const head = element(
        'div',
        { class: 'detail-head' },
        element('h2', {}, `${timeOfDay(contact.startedAt, timeZone)} · ${contact.desk}`),
        tagBadge(contact),
        element('button', { type: 'button', class: 'close', onclick: close, 'aria-label': 'Close' }, '×'),
      );
      const about = element(
        'div',
        { class: 'about' },
        facts(contact, timeZone),
        pressList(contact),
        estimates(contact),
      );
      const clip = contact.clip?.state === 'ready' ? `${contact.id} ${contact.clip.sha256}` : null;
      if (player !== null && player.clip === clip) {
        // A playing element stops when it is moved: the parts around it are exchanged.
        panel.firstChild.replaceWith(head);
        panel.lastChild.replaceWith(about);
        player.markPresses(contact);
      } else {
        player = clip === null ? null : { clip, ...createPlayer(contact) };
        panel.replaceChildren(
          head,
          player?.node ?? element('p', { class: 'no-clip' }, clipWords(contact).sentence),
          about,
        );
      }
    },
    /** To the player, so that the space bar plays; else to the close button. */
    focus: () => (player?.media ?? panel.querySelector('.close'))?.focus(),
  };
}
