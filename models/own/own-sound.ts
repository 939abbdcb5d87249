/** What a user's own models listen for. Folders are absolute; null: there is no such model. */
export interface OwnSound {
  /** Of a voice model (`voice.mjs`). */
  readonly voice: string | null;
  /** Of a streaming speech recogniser. */
  readonly speech: string | null;
  /** Names of phrases, each with the wordings that count as it. */
  readonly phrases: Readonly<Record<string, readonly string[]>>;
}
