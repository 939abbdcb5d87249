/** Longer than two of the server's heartbeats without a word: the connection is dead, whatever the browser thinks. */
const SILENCE = 40_000;
const RETRY = 3_000;

/**
 * Follows the server's changes for ever. `look` is called when something may have changed, `beat` at each sign of
 * life, and `lost` when the connection broke.
 */
export function follow({ look, beat, lost }) {
  let source;
  let silence;

  function alive() {
    clearTimeout(silence);
    silence = setTimeout(reconnect, SILENCE);
    beat();
  }

  function reconnect() {
    lost();
    clearTimeout(silence);
    source.close();
    setTimeout(connect, RETRY);
  }

  function connect() {
    source = new EventSource('/api/changes');
    source.onopen = () => {
      alive();
      look();
    };
    source.addEventListener('heartbeat', alive);
    source.addEventListener('change', () => {
      alive();
      look();
    });
    source.onerror = reconnect;
  }

  connect();
}
