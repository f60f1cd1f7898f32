/**
 * Writes the fields that a pod template and a volume may have, from the models of `@kubernetes/client-node`:
 * `node infra/crds/generate-pod-fields.ts`. A test asserts that the file is current.
 */
import { writeFileSync } from 'node:fs';
import * as kubernetes from '@kubernetes/client-node';

export const podFieldsFile = new URL('../../shared/workspace/schema/pod-fields.json', import.meta.url);

/** What a client model tells of its fields. */
interface Attribute {
  baseName: string;
  type: string;
}
interface Model {
  getAttributeTypeMap(): Attribute[];
}

const scalars: Readonly<Record<string, string>> = {
  string: 'text',
  Date: 'text',
  number: 'number',
  boolean: 'flag',
  IntOrString: 'either',
  any: 'any',
  '{ [key: string]: string; }': 'map',
};
/** Kubernetes quantities, which may be written as numbers; the models have them as text. */
const quantities: ReadonlySet<string> = new Set(['sizeLimit', 'divisor', 'storage']);
const quantityMaps: ReadonlySet<string> = new Set(['limits', 'requests', 'overhead', 'capacity']);

/** One line a type: `"Container": "args:text[] command:text[] env:EnvVar[] ..."`. */
export function podFieldsText(): string {
  const types = new Map<string, string>();
  visit('V1PodTemplateSpec', types);
  visit('V1Volume', types);
  const sorted = [...types].sort(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

function visit(name: string, types: Map<string, string>): void {
  if (types.has(shortName(name))) return;
  types.set(shortName(name), '');
  const fields = modelOf(name).getAttributeTypeMap();
  types.set(shortName(name), fields.map((field) => `${field.baseName}:${kindOf(field)}`).join(' '));
  for (const { type } of fields) {
    const inner = elementOf(type) ?? type;
    if (scalars[inner] === undefined) visit(inner, types);
  }
}

function kindOf({ baseName, type }: Attribute): string {
  const element = elementOf(type);
  if (element !== undefined) return `${scalars[element] ?? shortName(element)}[]`;
  if (quantities.has(baseName) && type === 'string') return 'either';
  if (quantityMaps.has(baseName) && scalars[type] === 'map') return 'quantities';
  return scalars[type] ?? shortName(type);
}

function elementOf(type: string): string | undefined {
  return /^Array<(.*)>$/.exec(type)?.[1];
}

function shortName(model: string): string {
  return model.replace(/^(Core)?V1/, '');
}

function modelOf(name: string): Model {
  const found: unknown = Reflect.get(kubernetes, name);
  if (isModel(found)) return found;
  throw new Error(`client-node has no model ${name}`);
}

function isModel(value: unknown): value is Model {
  return typeof value === 'function' && 'getAttributeTypeMap' in value;
}

if (import.meta.main) writeFileSync(podFieldsFile, podFieldsText());
