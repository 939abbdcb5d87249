/** Where the browser keeps, for the tab, which contact of the inbox was chosen last. */
export const SELECTED = 'ca.inbox.row';
