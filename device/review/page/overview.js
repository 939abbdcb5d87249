import { element } from './element.js';
import { hourAndMinute, interval, lasting, percent } from './words.js';

/** The four figures of the day. */
export function figures({ indices: { day } }) {
  const { served, rated, top, negative } = day;
  return [
    index('support', 'Support index', day.support, `${top} of ${served} served gave the highest rating`),
    index(
      'dissatisfaction',
      'Dissatisfaction index',
      day.dissatisfaction,
      `${negative} of ${served} served gave a negative rating`,
    ),
    figure('served', 'Served', String(served), 'contacts that lasted long enough to count'),
    figure(
      'response',
      'Response rate',
      day.responseRate === null ? '–' : percent(day.responseRate),
      `${rated} of ${served} served pressed a rated button`,
    ),
  ];
}

function figure(name, title, value, meaning, extra = []) {
  return element(
    'div',
    { class: 'figure', 'data-figure': name },
    element('h2', {}, title),
    element('p', { class: 'value' }, value),
    extra,
    element('p', { class: 'meaning' }, meaning),
  );
}

function index(name, title, estimate, meaning) {
  if (!estimate) return figure(name, title, '–', 'nobody has been served yet today');
  const band = element('span', { class: 'band' });
  band.style.left = `${estimate.low * 100}%`;
  band.style.width = `${(estimate.high - estimate.low) * 100}%`;
  const point = element('span', { class: 'point' });
  point.style.left = `${estimate.value * 100}%`;
  const range = element(
    'p',
    { class: 'interval' },
    element('span', { class: 'track', 'aria-hidden': 'true' }, band, point),
    element('span', { class: 'muted' }, '95 %'),
    interval(estimate),
  );
  return figure(name, title, percent(estimate.value), meaning, [range]);
}

/** One card a desk: who is there, and with several desks the desk's own figures. */
export function desks({ desks, indices, timeZone }) {
  return desks.map(({ desk, present, since }) =>
    element(
      'div',
      { class: 'desk', 'data-desk': desk, 'data-present': String(present) },
      element('h3', {}, element('span', { class: 'dot', 'aria-hidden': 'true' }), desk),
      element(
        'p',
        { class: 'presence' },
        present === null ? 'Sensor not heard' : present ? 'Present' : 'Free',
        since && [` since ${hourAndMinute(since, timeZone)} · `, element('span', { 'data-since': since })],
      ),
      desks.length > 1 && indices.desks[desk] && share(indices.desks[desk]),
    ),
  );
}

function share({ support, dissatisfaction, served, rated }) {
  if (!support) return element('p', { class: 'muted' }, 'Nobody served yet');
  const part = (word, value, note) =>
    element(
      'div',
      {},
      element('dt', {}, word),
      element('dd', {}, element('b', {}, value), element('small', {}, note)),
    );
  return element(
    'dl',
    { class: 'share' },
    part('Support', percent(support.value), interval(support)),
    part('Dissatisfaction', percent(dissatisfaction.value), interval(dissatisfaction)),
    part('Served', String(served), `${rated} rated`),
  );
}

/** Moves the running durations on. `now`: the device's time, ms since 1970. */
export function tick(now) {
  for (const node of document.querySelectorAll('[data-since]')) {
    node.textContent = lasting(now - Date.parse(node.dataset.since));
  }
}
