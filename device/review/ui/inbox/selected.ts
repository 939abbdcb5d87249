/** Where the browser keeps, for the tab, which contact of the inbox was chosen last. */
export const SELECTED = 'ca.inbox.row';

/** What `data-from` of its links says. */
export const INBOX = 'inbox';
