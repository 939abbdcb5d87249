import { element } from './element.js';
import { momentsOf } from './moments.js';
import { lasting, offset, TAGS } from './words.js';

/** The clip's player with a line below it on which the arrival and the presses are marked. It starts at the arrival. */
export function createPlayer(contact) {
  const { id, clip } = contact;
  const preRoll = clip.preRoll ?? 0;
  const duration = clip.duration ?? 0;
  const src = `/api/contacts/${encodeURIComponent(id)}/clip`;
  const video = clip.mediaType?.startsWith('video/');
  const label = 'Clip of the contact';
  const media = element(video ? 'video' : 'audio', {
    controls: true,
    preload: 'metadata',
    src,
    'aria-label': label,
  });
  const problem = element(
    'p',
    { class: 'no-clip', role: 'alert', hidden: true },
    'The clip could not be played.',
  );
  media.addEventListener('loadedmetadata', () => (media.currentTime = preRoll / 1000), { once: true });
  media.addEventListener('error', () => (problem.hidden = false));

  const share = (ms) => `${Math.min(100, Math.max(0, (100 * ms) / duration))}%`;
  const head = element('span', { class: 'playhead', 'aria-hidden': 'true' });
  media.addEventListener('timeupdate', () => (head.style.left = share(media.currentTime * 1000)));

  function mark(name, text, ms, tag) {
    const seek = () => (media.currentTime = ms / 1000);
    const node = element(
      'button',
      { type: 'button', class: 'mark', 'data-tag': tag, 'aria-label': name, title: name, onclick: seek },
      text,
    );
    node.style.left = share(ms);
    return node;
  }

  const before = element('span', { class: 'pre-roll', 'aria-hidden': 'true' });
  before.style.width = share(preRoll);
  const arrival = mark(`Arrival, after ${lasting(preRoll)} of pre-roll: go there`, '▸', preRoll, 'arrival');
  const pressed = element('span', {});
  const stretches = element('span', {});
  const line = element(
    'div',
    { class: 'timeline', role: 'group', 'aria-label': 'Moments of the clip' },
    ...[before, stretches, head, arrival, pressed],
  );
  const legend = `Starts at the arrival; hatched: ${lasting(preRoll)} before it. Numbers: presses.`;

  function markPresses({ presses, startedAt }) {
    const marks = presses.map(({ time, rating, tag }) => {
      const after = Date.parse(time) - Date.parse(startedAt);
      const said = `Press ${rating ?? '?'}, ${TAGS[tag].word.toLowerCase()}, at ${offset(after)}: go there`;
      return mark(said, String(rating ?? '?'), preRoll + after, tag);
    });
    pressed.replaceChildren(...marks);
  }

  /** Where models say that it is worth a look. Without them the clip can be looked at all the same. */
  async function markMoments() {
    const answer = await fetch(`/api/contacts/${encodeURIComponent(id)}/timelines`);
    if (!answer.ok) return;
    const moments = momentsOf(await answer.json());
    const nodes = moments.map(({ what, from, to }) => {
      const name = `${what} from ${offset(from)} to ${offset(to)}: go there`;
      const seek = () => (media.currentTime = (preRoll + from) / 1000);
      const node = element('button', {
        ...{ type: 'button', class: 'stretch', 'aria-label': name, title: name, onclick: seek },
      });
      node.style.left = share(preRoll + from);
      node.style.width = share(to - from);
      return node;
    });
    stretches.replaceChildren(...nodes);
    if (nodes.length > 0) legendNode.append(' Red: worth a look, say the models.');
  }

  const legendNode = element('p', { class: 'muted' }, legend);
  if (contact.scores.length > 0) markMoments().catch(() => {});
  markPresses(contact);
  const below = duration > 0 && [line, legendNode];
  return { media, markPresses, node: element('div', { class: 'player' }, media, problem, below) };
}
