import { catalogue } from '../words.ts';

/** What a contact's tag is called: a word of its own; within a sentence in small letters. */
export const tagWords = catalogue({
  en: {
    positive: 'Positive',
    negative: 'Negative',
    neutral: 'Neutral',
    unrated: 'Unrated',
    hidden: 'hidden until reviewed',
    press: 'by press',
    reviewer: 'by reviewer',
  },
  ru: {
    positive: 'Положительный',
    negative: 'Отрицательный',
    neutral: 'Нейтральный',
    unrated: 'Без оценки',
    hidden: 'скрыто до разбора',
    press: 'по нажатию',
    reviewer: 'при разборе',
  },
  pl: {
    positive: 'Pozytywny',
    negative: 'Negatywny',
    neutral: 'Neutralny',
    unrated: 'Bez oceny',
    hidden: 'ukryte do przeglądu',
    press: 'z przycisku',
    reviewer: 'z przeglądu',
  },
  lt: {
    positive: 'Teigiamas',
    negative: 'Neigiamas',
    neutral: 'Neutralus',
    unrated: 'Neįvertintas',
    hidden: 'paslėpta iki peržiūros',
    press: 'pagal mygtuką',
    reviewer: 'pagal peržiūrą',
  },
});
