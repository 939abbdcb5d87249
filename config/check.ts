import { type Problem, problemsOf } from './problems.ts';
import { crossCheck, type Draft, type Surroundings } from './rules.ts';
import { type Config, configSchema } from './schema.ts';
import type { Source } from './source.ts';

/** Schema and rules together: the config, or everything that is wrong with it. */
export function check(source: Source, surroundings: Surroundings): Config | Problem[] {
  const schema = configSchema.superRefine(
    (config, context) => {
      for (const { path, message, remedy } of crossCheck(
        withoutWrong(config, context.issues),
        surroundings,
      )) {
        const input = valueAt(config, path);
        context.addIssue({ code: 'custom', path: [...path], message, params: { remedy }, input });
      }
    },
    // Zod would leave the rules out once a value is wrong by itself; all problems shall come at once.
    { when: ({ value }) => isBlock(value) },
  );
  const result = schema.safeParse(source.raw, { reportInput: true });
  return result.success ? result.data : problemsOf(result.error.issues, source);
}

/** The config as far as it is right: see `Draft`. */
function withoutWrong(
  config: Config,
  issues: readonly { code: string; path?: PropertyKey[] | undefined }[],
): Draft<Config> {
  const draft = structuredClone(config);
  for (const { code, path = [] } of issues) {
    const last = path.at(-1);
    // These are issues of a key; the block around it is right.
    if (last === undefined || code === 'unrecognized_keys' || code === 'invalid_key') continue;
    const block = valueAt(draft, path.slice(0, -1));
    if (isBlock(block)) block[last] = undefined;
  }
  return draft as Draft<Config>;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (isBlock(value) ? value[step] : undefined), root);
}

function isBlock(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
