import { catalogue } from '../words.ts';

/** The page of a contact. */
export const contactWords = catalogue({
  en: {
    heading: '{time}, {desk}',
    back: 'Back to the list',
    keys: 'Keys',
    previous: 'Previous',
    next: 'Next',
    unknown: 'There is no such contact (any more).',
    left: { one: '{n} left', other: '{n} left' },
  },
  ru: {
    heading: '{time}, {desk}',
    back: 'Назад к списку',
    keys: 'Клавиши',
    previous: 'Предыдущий',
    next: 'Следующий',
    unknown: 'Такого контакта нет (или больше нет).',
    left: { one: 'остался {n}', few: 'осталось {n}', many: 'осталось {n}', other: 'осталось {n}' },
  },
  pl: {
    heading: '{time}, {desk}',
    back: 'Z powrotem do listy',
    keys: 'Klawisze',
    previous: 'Poprzedni',
    next: 'Następny',
    unknown: 'Nie ma (już) takiego kontaktu.',
    left: { one: 'pozostał {n}', few: 'pozostały {n}', many: 'pozostało {n}', other: 'pozostało {n}' },
  },
  lt: {
    heading: '{time}, {desk}',
    back: 'Atgal į sąrašą',
    keys: 'Klavišai',
    previous: 'Ankstesnis',
    next: 'Kitas',
    unknown: 'Tokio kontakto nėra (arba nebėra).',
    left: { one: 'liko {n}', few: 'liko {n}', many: 'liko {n}', other: 'liko {n}' },
  },
});
