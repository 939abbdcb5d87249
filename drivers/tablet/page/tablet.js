// One classic script, put into the page by ../document.ts. A clinic's network has no https, so there is neither a
// service worker nor a wake lock nor crypto.randomUUID; and the tablet may be an old one.
(() => {
  const WORDS = {
    ru: {
      question: 'Как вас обслужили?',
      moods: { 5: 'Отлично', 4: 'Хорошо', 3: 'Нормально', 2: 'Плохо', 1: 'Очень плохо' },
      thanks: 'Спасибо!',
      away: 'Связь восстанавливается, оценки сохраняются',
      refused: 'Этот адрес больше не действует: откройте на планшете новый',
    },
    en: {
      question: 'How did we serve you?',
      moods: { 5: 'Excellent', 4: 'Good', 3: 'All right', 2: 'Poor', 1: 'Very poor' },
      thanks: 'Thank you!',
      away: 'Reconnecting, ratings are kept',
      refused: 'This address is no longer valid: open the new one on the tablet',
    },
    pl: {
      question: 'Jak Państwa obsłużono?',
      moods: { 5: 'Świetnie', 4: 'Dobrze', 3: 'W porządku', 2: 'Źle', 1: 'Bardzo źle' },
      thanks: 'Dziękujemy!',
      away: 'Łączenie ponowne, oceny są zachowane',
      refused: 'Ten adres już nie działa: proszę otworzyć na tablecie nowy',
    },
    lt: {
      question: 'Kaip jus aptarnavome?',
      moods: { 5: 'Puikiai', 4: 'Gerai', 3: 'Vidutiniškai', 2: 'Blogai', 1: 'Labai blogai' },
      thanks: 'Ačiū!',
      away: 'Ryšys atkuriamas, įvertinimai išsaugomi',
      refused: 'Šis adresas nebegalioja: planšetėje atverkite naują',
    },
  };
  /** All times in milliseconds. The device takes a page that it has not heard for 60 s for gone. */
  const THANKS = 3_000;
  const ASK = 10_000;
  const RETRY = 2_000;
  const REFUSED = 30_000;
  const PATIENCE = 4_000;
  /** The device tells presses up to this old; see YOUNG in ../tablet-input.ts. */
  const YOUNG = 10_000;
  const KEPT = 200;

  const find = (id) => document.getElementById(id);
  const { faces, texts, version } = JSON.parse(find('desk').textContent);
  const languages = (navigator.languages || []).map((tag) => tag.slice(0, 2));
  const language = languages.find((tag) => tag in WORDS) || 'ru';
  const words = { ...WORDS[language], ...texts[language] };

  // ---- what has been pressed and not been taken by the device yet, the oldest first

  const here = location.pathname.replace(/\/$/, '');
  const shelf = `presses ${here}`;
  const queue = restored();

  /** The page's clock stands still while a tablet sleeps, and its calendar may be set: the longer time is the truer one. */
  const moment = () => ({ clock: performance.now(), wall: Date.now() });
  const since = ({ clock, wall }) => Math.max(performance.now() - clock, Date.now() - wall);

  /** A press that outlived its page is old for certain: how old, only the calendar says, and it may have been set. */
  function ageOf(press) {
    return press.old ? Math.max(Date.now() - press.at.wall, YOUNG + 1) : since(press.at);
  }

  function restored() {
    try {
      const kept = JSON.parse(localStorage.getItem(shelf)) || [];
      return kept.map(({ id, button, wall }) => ({ id, button, at: { wall }, old: true }));
    } catch {
      return [];
    }
  }

  function keep() {
    try {
      const kept = queue.map(({ id, button, at }) => ({ id, button, wall: at.wall }));
      localStorage.setItem(shelf, JSON.stringify(kept));
    } catch {
      // Turned off or full: they are kept in memory.
    }
  }

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  // ---- talking to the device

  /** What the device said last, and when it was asked. */
  let heard = null;
  let talking = false;
  let more = false;
  let timer;

  class Refused extends Error {}

  async function call(path, options) {
    const ender = new AbortController();
    const late = setTimeout(() => ender.abort(), PATIENCE);
    try {
      const answer = await fetch(here + path, { ...options, cache: 'no-store', signal: ender.signal });
      if (answer.status === 404) throw new Refused();
      return { status: answer.status, body: await answer.json() };
    } finally {
      clearTimeout(late);
    }
  }

  async function ask() {
    const at = moment();
    const { status, body } = await call('/state');
    if (status !== 200) throw new Error(`state: ${status}`);
    heard = { ...body, at };
  }

  /** The young ones first, in their order: they still reach whom they are for. */
  async function sendOne() {
    const press = queue.find((one) => ageOf(one) <= YOUNG) || queue[0];
    const { id, button } = press;
    const { session, stamp, at } = heard;
    const { status } = await call('/presses', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, button, ago: ageOf(press), session, stamp, elapsed: since(at) }),
    });
    // The device has started anew: its stamps are others.
    if (status === 409) heard = null;
    // 400: a button that the desk no longer has. It would be refused for ever.
    if (status !== 200 && status !== 400) throw new Error(`press: ${status}`);
    // While it was on its way the queue may have overflowed.
    if (queue.includes(press)) queue.splice(queue.indexOf(press), 1);
    keep();
  }

  async function talk() {
    if (talking) {
      more = true;
      return;
    }
    talking = true;
    clearTimeout(timer);
    let next = ASK;
    try {
      do {
        more = false;
        if (!heard || queue.length === 0 || since(heard.at) > 2 * ASK) await ask();
        while (queue.length > 0) await sendOne();
      } while (more);
      show(null);
    } catch (error) {
      const refused = error instanceof Refused;
      show(refused ? words.refused : words.away);
      next = refused ? REFUSED : RETRY;
    }
    talking = false;
    // A page that nobody sees is none to the device; what was pressed is sent all the same.
    if (!document.hidden || queue.length > 0) timer = setTimeout(talk, next);
    renew();
  }

  /** Loads the page again when the device has another one, between two patients. */
  function renew() {
    if (heard && heard.version !== version && queue.length === 0 && !thanking) location.reload();
  }

  function show(notice) {
    find('notice').hidden = notice === null;
    find('notice').textContent = notice || '';
  }

  // ---- the faces

  let thanking = false;

  function press(face, button) {
    if (thanking) return;
    thanking = true;
    queue.push({ id: newId(), button: face.name, at: moment() });
    if (queue.length > KEPT) queue.shift();
    keep();
    talk();

    const byKeyboard = button.matches(':focus-visible');
    find('pressed').setAttribute('href', `#mood-${face.mood}`);
    find('thanks').dataset.mood = face.mood;
    find('thanks').hidden = false;
    find('said').textContent = words.thanks;
    const buttons = [...find('faces').children];
    for (const one of buttons) one.disabled = true;
    setTimeout(() => {
      thanking = false;
      find('thanks').hidden = true;
      find('said').textContent = '';
      for (const one of buttons) one.disabled = false;
      if (byKeyboard) button.focus();
      renew();
    }, THANKS);
  }

  function drawing(mood) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    use.setAttribute('href', `#mood-${mood}`);
    svg.setAttribute('class', 'face');
    svg.setAttribute('viewBox', '0 0 100 100');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(use);
    return svg;
  }

  function buttonOf(face) {
    const button = document.createElement('button');
    const label = document.createElement('span');
    label.className = 'label';
    label.textContent = words.moods[face.mood] + (face.rating === null ? '' : ` (${face.rating})`);
    button.type = 'button';
    button.dataset.mood = face.mood;
    button.append(drawing(face.mood), label);
    button.addEventListener('click', () => press(face, button));
    // A finger that rests is no click, but means the same; one that slid off the face changed its mind.
    button.addEventListener('pointerup', ({ clientX, clientY, button: which }) => {
      if (which === 0 && button.contains(document.elementFromPoint(clientX, clientY))) press(face, button);
    });
    return button;
  }

  document.documentElement.lang = language;
  document.title = words.question;
  find('question').textContent = words.question;
  find('thanks-text').textContent = words.thanks;
  find('faces').dataset.count = faces.length;
  const extreme = faces.some(({ mood }) => mood === 5 || mood === 1);
  document.body.dataset.scale = extreme ? 'long' : 'short';
  find('faces').append(...faces.map(buttonOf));

  for (const gesture of ['contextmenu', 'gesturestart', 'dragstart'])
    document.addEventListener(gesture, (event) => event.preventDefault());
  document.addEventListener('wheel', (event) => event.preventDefault(), { passive: false });
  document.addEventListener('visibilitychange', () => document.hidden || talk());
  window.addEventListener('online', talk);
  talk();
})();
