import { catalogue } from '../words.ts';

/** The groups of causes. */
export const groupWords = catalogue({
  en: {
    waiting: 'Waiting',
    information: 'Information',
    manner: 'Manner',
    organisation: 'Organisation',
    money: 'Money',
    premises: 'Premises',
  },
  ru: {
    waiting: 'Ожидание',
    information: 'Информация',
    manner: 'Обращение',
    organisation: 'Организация',
    money: 'Деньги',
    premises: 'Помещение',
  },
  pl: {
    waiting: 'Oczekiwanie',
    information: 'Informacja',
    manner: 'Sposób bycia',
    organisation: 'Organizacja',
    money: 'Pieniądze',
    premises: 'Pomieszczenia',
  },
  lt: {
    waiting: 'Laukimas',
    information: 'Informacija',
    manner: 'Elgesys',
    organisation: 'Organizavimas',
    money: 'Pinigai',
    premises: 'Patalpos',
  },
});
