/** Most specific first: each calls itself by the names of those it wants to be taken for. */
const BROWSERS = ['Edg', 'OPR', 'YaBrowser', 'SamsungBrowser', 'Firefox', 'Chrome', 'Safari'];
const SYSTEMS = ['Android', 'iPad', 'iPhone', 'Windows', 'CrOS', 'Mac', 'Linux'];
const NAMES: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', CrOS: 'ChromeOS', Mac: 'macOS' };

/** What somebody knows a browser by, of what it calls itself: enough to tell one's own apart. */
export function browserName(agent: string): string {
  const found = [BROWSERS, SYSTEMS].flatMap((words) => words.find((word) => agent.includes(word)) ?? []);
  return found.map((word) => NAMES[word] ?? word).join(' · ') || agent.slice(0, 40) || '–';
}
