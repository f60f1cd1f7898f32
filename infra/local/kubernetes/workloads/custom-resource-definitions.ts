import { ensureObject, isObject, listAt, objectAt, setDefault, stringAt, type JsonObject } from '../json.ts';
import type { Behaviour } from '../resources/definition.ts';
import { fault, type StatusCause } from '../status.ts';

/** Defaults and checks of CustomResourceDefinitions. */
export const customResourceDefinitions: Behaviour = {
  defaults(crd) {
    const spec = ensureObject(crd, 'spec');
    setDefault(spec, 'conversion', { strategy: 'None' });
    const names = ensureObject(spec, 'names');
    const kind = stringAt(names, 'kind') ?? '';
    setDefault(names, 'singular', kind.toLowerCase());
    setDefault(names, 'listKind', `${kind}List`);
  },
  validate(crd) {
    const [group, plural] = [stringAt(crd, 'spec', 'group'), stringAt(crd, 'spec', 'names', 'plural')];
    const causes: StatusCause[] = [];
    const name = stringAt(crd, 'metadata', 'name') ?? '';
    if (group === undefined || group === '') causes.push(fault.required('spec.group'));
    else if (!group.includes('.'))
      causes.push(fault.invalid('spec.group', group, 'should be a domain with at least one dot'));
    if (plural === undefined) causes.push(fault.required('spec.names.plural'));
    if (stringAt(crd, 'spec', 'names', 'kind') === undefined) causes.push(fault.required('spec.names.kind'));
    if (name !== `${plural}.${group}`) {
      causes.push(fault.invalid('metadata.name', name, `must be spec.names.plural+"."+spec.group`));
    }
    const scope = stringAt(crd, 'spec', 'scope');
    if (scope !== 'Namespaced' && scope !== 'Cluster')
      causes.push(fault.unsupported('spec.scope', scope ?? '', ['Cluster', 'Namespaced']));
    return [...causes, ...validateVersions(listAt(crd, 'spec', 'versions').filter(isObject))];
  },
};

function validateVersions(versions: JsonObject[]): StatusCause[] {
  const causes: StatusCause[] = [];
  if (versions.length === 0) causes.push(fault.required('spec.versions', 'must have at least one version'));
  const stored = versions.filter((version) => version['storage'] === true);
  if (versions.length > 0 && stored.length !== 1) {
    const shown = versions.map((version) => version['name']);
    causes.push(
      fault.invalid('spec.versions', shown, 'must have exactly one version marked as storage version'),
    );
  }
  versions.forEach((version, index) => {
    if (objectAt(version, 'schema', 'openAPIV3Schema') === undefined) {
      causes.push(fault.required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required'));
    }
  });
  return causes;
}
