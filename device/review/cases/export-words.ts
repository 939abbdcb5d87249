import type { Tag } from '../../contacts/model.ts';

/** What the exported page says, in the language of who exports. */
export interface ExportWords extends Readonly<Record<Tag, string>> {
  readonly case: string;
  readonly note: string;
  readonly exported: (by: string, at: string, device: string) => string;
  readonly check: string;
  readonly desk: string;
  readonly from: string;
  readonly duration: string;
  readonly tag: string;
  readonly byReviewer: string;
  /** In the place of tag, presses and review, which the exporter is not to know yet. */
  readonly blind: string;
  readonly presses: string;
  readonly rating: (rating: number | null, after: string) => string;
  readonly causes: string;
  readonly comment: string;
  readonly answer: string;
  readonly none: string;
  readonly missing: string;
  readonly download: string;
}

export const EXPORT_WORDS: Readonly<Record<'en' | 'ru' | 'pl' | 'lt', ExportWords>> = {
  en: {
    ...{ positive: 'positive', negative: 'negative', neutral: 'neutral', unrated: 'not rated' },
    ...{ case: 'Case', note: 'Note', desk: 'Desk', from: 'Arrival', duration: 'Duration', tag: 'Tag' },
    exported: (by, at, device) => `Exported by ${by}, ${at}, from ${device}`,
    check: 'What the files were is in SHA256SUMS; check them with: sha256sum -c SHA256SUMS',
    ...{ byReviewer: 'set by the reviewer', presses: 'Presses', causes: 'Causes', comment: 'Comment' },
    rating: (rating, after) => `rating ${rating ?? '?'} after ${after}`,
    ...{ answer: 'Answer of the receptionist', none: 'none', download: 'The clip as a file' },
    blind: 'not shown: chosen for review by chance, and not yet reviewed',
    missing: 'There is no clip.',
  },
  ru: {
    ...{
      positive: 'положительный',
      negative: 'отрицательный',
      neutral: 'нейтральный',
      unrated: 'без оценки',
    },
    ...{ case: 'Дело', note: 'Примечание', desk: 'Стойка', from: 'Приход', duration: 'Длительность' },
    tag: 'Метка',
    exported: (by, at, device) => `Выгрузил(а) ${by}, ${at}, с устройства ${device}`,
    check: 'Контрольные суммы файлов — в SHA256SUMS; проверка: sha256sum -c SHA256SUMS',
    ...{ byReviewer: 'поставлена при разборе', presses: 'Нажатия', causes: 'Причины' },
    ...{ comment: 'Комментарий', answer: 'Ответ администратора', none: 'нет' },
    rating: (rating, after) => `оценка ${rating ?? '?'} через ${after}`,
    blind: 'не показано: выбрано для разбора случайно и ещё не разобрано',
    ...{ missing: 'Записи нет.', download: 'Запись отдельным файлом' },
  },
  pl: {
    ...{ positive: 'pozytywny', negative: 'negatywny', neutral: 'neutralny', unrated: 'bez oceny' },
    ...{ case: 'Sprawa', note: 'Notatka', desk: 'Stanowisko', from: 'Przyjście', duration: 'Czas trwania' },
    tag: 'Oznaczenie',
    exported: (by, at, device) => `Eksport: ${by}, ${at}, z urządzenia ${device}`,
    check: 'Sumy kontrolne plików są w SHA256SUMS; sprawdzenie: sha256sum -c SHA256SUMS',
    ...{ byReviewer: 'nadane podczas przeglądu', presses: 'Naciśnięcia', causes: 'Przyczyny' },
    ...{ comment: 'Komentarz', answer: 'Odpowiedź recepcjonisty', none: 'brak' },
    rating: (rating, after) => `ocena ${rating ?? '?'} po ${after}`,
    blind: 'ukryte: wybrane do przeglądu losowo, jeszcze bez przeglądu',
    ...{ missing: 'Nie ma nagrania.', download: 'Nagranie jako plik' },
  },
  lt: {
    ...{ positive: 'teigiamas', negative: 'neigiamas', neutral: 'neutralus', unrated: 'neįvertintas' },
    ...{
      case: 'Byla',
      note: 'Pastaba',
      desk: 'Registratūros vieta',
      from: 'Atėjimas',
      duration: 'Trukmė',
      tag: 'Žyma',
    },
    exported: (by, at, device) => `Eksportavo ${by}, ${at}, iš įrenginio ${device}`,
    check: 'Failų kontrolinės sumos yra SHA256SUMS; patikra: sha256sum -c SHA256SUMS',
    ...{ byReviewer: 'nustatyta peržiūrint', presses: 'Paspaudimai', causes: 'Priežastys' },
    ...{ comment: 'Komentaras', answer: 'Registratoriaus atsakymas', none: 'nėra' },
    rating: (rating, after) => `įvertinimas ${rating ?? '?'} po ${after}`,
    blind: 'nerodoma: peržiūrai parinkta atsitiktinai ir dar neperžiūrėta',
    ...{ missing: 'Įrašo nėra.', download: 'Įrašas kaip failas' },
  },
};
