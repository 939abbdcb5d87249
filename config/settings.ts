import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { DURATION_PATTERN } from './durations.ts';
import { LENGTH_PATTERN } from './lengths.ts';
import { configSchema } from './schema.ts';
import { SIZE_PATTERN } from './sizes.ts';
import type { Path } from './source.ts';

/** One setting as people read of it: in the README, and in the remedy of an error. */
export interface Setting {
  /** From the top of the file; `*` stands for a name that the technician chooses, `[]` for a place in a list. */
  path: readonly string[];
  /** The driver or broker it belongs to; null when it belongs to all. */
  variant: string | null;
  /** Such as "a text", "one of `a`, `b`". */
  type: string;
  /** As it would be written in the file; null when there is none. */
  fallback: string | null;
  required: boolean;
  meaning: string;
}

/** As much of a JSON Schema as zod makes of ours. */
interface Node {
  type?: string;
  const?: string;
  enum?: string[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  default?: unknown;
  description?: string;
  properties?: Record<string, Node>;
  required?: string[];
  additionalProperties?: Node | false;
  items?: Node;
  oneOf?: Node[];
  anyOf?: Node[];
}

/** What a config file may say, as JSON Schema. */
export function jsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input' });
  return { $schema, $id: 'urn:contact-analyzer:config', title: 'Config of a Contact Analyzer', ...schema };
}

let settings: readonly Setting[] | undefined;

/** All settings, in the order of the schema. Made when first asked for: a config without mistakes never asks. */
export function allSettings(): readonly Setting[] {
  settings ??= [...walk(jsonSchema(), [], null, true)];
  return settings;
}

/** The setting that `path` of a file names; `raw`, the file's values, tells the driver where there are several. */
export function settingAt(path: Path, raw: unknown): Setting | undefined {
  const variants = variantsAlong(path, raw);
  return allSettings().find(
    (setting) =>
      setting.path.length === path.length &&
      (setting.variant === null || variants.has(setting.variant)) &&
      path.every((step, index) => fits(step, setting.path[index])),
  );
}

/** The keys that may stand directly below `path`. */
export function keysBelow(path: Path, raw: unknown): string[] {
  const variants = variantsAlong(path, raw);
  const keys = allSettings()
    .filter(({ variant }) => variant === null || variants.has(variant))
    .filter((setting) => path.every((step, index) => fits(step, setting.path[index])))
    .map((setting) => setting.path[path.length]);
  return [...new Set(keys)].filter((key): key is string => key !== undefined && key !== '*' && key !== '[]');
}

function fits(step: string | number, pattern: string | undefined): boolean {
  return typeof step === 'number' ? pattern === '[]' : pattern === '*' || pattern === step;
}

function variantsAlong(path: Path, raw: unknown): Set<unknown> {
  const variants = new Set<unknown>();
  let value = raw;
  for (const step of [...path, null]) {
    if (typeof value !== 'object' || value === null) break;
    const block = value as Record<string | number, unknown>;
    variants.add(block.driver).add(block.broker);
    if (step !== null) value = block[step];
  }
  return variants;
}

function* walk(
  node: Node,
  path: readonly string[],
  variant: string | null,
  required: boolean,
): Generator<Setting> {
  const setting = { path, variant, required, meaning: node.description ?? '', fallback: fallbackOf(node) };
  const children = [...childrenOf(node, path, variant)];
  if (children.length === 0) yield { ...setting, type: typeOf(node) };
  else if (node.description) yield { ...setting, type: node.items ? 'a list' : 'a block' };
  yield* children;
}

function* childrenOf(node: Node, path: readonly string[], variant: string | null): Generator<Setting> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    yield* walk(child, [...path, key], variant, node.required?.includes(key) ?? false);
  }
  if (node.additionalProperties) yield* walk(node.additionalProperties, [...path, '*'], variant, false);
  if (node.items) yield* walk(node.items, [...path, '[]'], variant, false);
  if (node.oneOf) yield* alternatives(node.oneOf, path);
}

/** A block whose `driver` (or `broker`) says which settings it has; those that all kinds share come once. */
function* alternatives(options: readonly Node[], path: readonly string[]): Generator<Setting> {
  const first = Object.entries(options[0]?.properties ?? {});
  const [key] = first.find(([, child]) => child.const !== undefined) ?? ['driver'];
  const values = options.map((option) => option.properties?.[key]?.const ?? '');
  yield {
    path: [...path, key],
    variant: null,
    required: true,
    type: oneOf(values),
    fallback: null,
    meaning: 'Says which kind it is, and so which settings it has.',
  };
  const shared = first.filter(([name, child]) =>
    options.every(({ properties }) => isDeepStrictEqual(properties?.[name], child)),
  );
  const told = new Set([key, ...shared.map(([name]) => name)]);
  for (const [index, option] of options.entries()) {
    for (const setting of childrenOf(option, path, values[index] ?? null)) {
      if (!told.has(setting.path[path.length] ?? '')) yield setting;
    }
  }
  for (const [name, child] of shared) {
    yield* walk(child, [...path, name], null, options[0]?.required?.includes(name) ?? false);
  }
}

function typeOf(node: Node): string {
  if (node.const) return `the words \`${node.const}\``;
  if (node.anyOf?.some(({ type }) => type === 'integer')) return 'a BCM number, or the name of a line';
  if (node.anyOf) return 'a secret: `{ file: PATH }` or `{ credential: NAME }`';
  if (node.enum) return oneOf(node.enum);
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'integer') return `a whole number from ${node.minimum} to ${node.maximum}`;
  if (node.type === 'number') return `a number from ${node.minimum} to ${node.maximum}`;
  if (node.pattern === DURATION_PATTERN) return 'a duration such as 15s';
  if (node.pattern === SIZE_PATTERN) return 'a size such as 20GB';
  if (node.pattern === LENGTH_PATTERN) return 'a length such as 80cm';
  return node.format === 'date' ? 'a day such as 2026-01-31' : 'a text';
}

function oneOf(values: readonly string[]): string {
  return `one of ${values.map((value) => `\`${written(value)}\``).join(', ')}`;
}

function fallbackOf(node: Node): string | null {
  const { default: value } = node;
  return value === undefined || typeof value === 'object' ? null : written(value);
}

/** As YAML wants it: a text that looks like a number in quotes. */
export function written(value: unknown): string {
  return typeof value === 'string' && /^[\d.]*\d$/.test(value) && !Number.isNaN(Number(value))
    ? JSON.stringify(value)
    : String(value);
}
