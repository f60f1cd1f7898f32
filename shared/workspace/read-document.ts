import { CauseReason, shown, type Fault, type Findings } from './fault.ts';
import { readMetadata } from './metadata.ts';
import { readBySchema, unknownField } from './schema/read.ts';
import { isJsonObject, type JsonObject } from './schema/structural-schema.ts';
import { sectionSchemas } from './schema/workspace-schema.ts';
import { group, kind, versions, type ApiVersion, type Version, type Workspace } from './workspace.ts';

const sections = ['apiVersion', 'kind', 'metadata', 'resource', 'inference', 'tuning', 'status'];

/**
 * Reads a document into the internal form, defaults applied, faults of structure added to `findings`.
 * Undefined when it is no Workspace at all, so that no rule can say anything about it.
 * @param strict refuse unknown fields (requests) or pass over them (stored objects)
 */
export function readDocument(document: unknown, strict: boolean, findings: Findings): Workspace | undefined {
  if (!isJsonObject(document)) {
    const message = `must be a Workspace object, not ${Array.isArray(document) ? 'a list' : shown(document)}`;
    findings.faults.push({
      field: '',
      reason: CauseReason.TypeInvalid,
      message,
      remedy: 'send apiVersion, kind, metadata, resource and inference or tuning',
    });
    return undefined;
  }
  const kindFault = wrongKind(document['kind']);
  if (kindFault !== undefined) findings.faults.push(kindFault);
  const version = readVersion(document['apiVersion'], findings);
  if (kindFault?.reason === CauseReason.NotSupported) return undefined;
  if (strict) refuseUnknown(document, findings);
  return readSections(document, version, { strict, findings });
}

/** Fields that v1alpha1 lacks: their author needs the other version, not another word. Source: reference, a.2. */
const newFields = /^(resource\.partition|(inference|tuning)\.preset\.presetOptions\.modelAccessSecret)$/;

function nameNewerVersion({ faults }: Findings): void {
  for (const fault of faults.filter(({ field }) => newFields.test(field)))
    fault.remedy = `write apiVersion: ${group}/v1beta1, which has this field`;
}

function readSections(
  document: JsonObject,
  version: Version,
  how: { strict: boolean; findings: Findings },
): Workspace {
  const { strict, findings } = how;
  const reading = { faults: findings.faults, strict };
  const schemas = sectionSchemas[version];
  const apiVersion: ApiVersion = `${group}/${version}`;
  const metadata = readMetadata(document['metadata'], strict, findings);
  // A section of null is none: the API server drops it.
  const [resource, inference, tuning] = [document['resource'], document['inference'], document['tuning']].map(
    (section) => section ?? undefined,
  );
  const workspace: Workspace = {
    apiVersion,
    kind,
    metadata,
    resource:
      resource === undefined
        ? { count: 1, labelSelector: {} }
        : readBySchema(schemas.resource, resource, 'resource', reading),
  };
  if (inference !== undefined)
    workspace.inference = readBySchema(schemas.inference, inference, 'inference', reading);
  if (tuning !== undefined) workspace.tuning = readBySchema(schemas.tuning, tuning, 'tuning', reading);
  if (version === 'v1alpha1') nameNewerVersion(findings);
  if (strict && document['status'] !== undefined)
    findings.warnings.push('status is ignored: Slipway writes it');
  return workspace;
}

function wrongKind(given: unknown): Fault | undefined {
  if (given === kind) return undefined;
  const field = 'kind';
  const remedy = 'write kind: Workspace';
  if (given === undefined || given === '')
    return { field, reason: CauseReason.Required, message: 'kind is required', remedy };
  return {
    field,
    reason: CauseReason.NotSupported,
    message: `kind ${shown(given)} is not supported`,
    remedy,
  };
}

/** The version to read by; where it is at fault, the newest, so that the other faults are found too. */
function readVersion(given: unknown, { faults }: Findings): Version {
  const known = versions.find((version) => given === `${group}/${version}`);
  if (known !== undefined) return known;
  const remedy = `write apiVersion: ${versions.map((version) => `${group}/${version}`).join(' or ')}`;
  const field = 'apiVersion';
  if (given === undefined || given === '')
    faults.push({ field, reason: CauseReason.Required, message: 'apiVersion is required', remedy });
  else
    faults.push({
      field,
      reason: CauseReason.NotSupported,
      message: `apiVersion ${shown(given)} is not supported`,
      remedy,
    });
  return 'v1beta1';
}

function refuseUnknown(document: JsonObject, { faults }: Findings): void {
  for (const key of Object.keys(document)) {
    if (sections.includes(key)) continue;
    const fault = unknownField(key, key, sections);
    if (key === 'spec')
      fault.remedy = 'a Workspace has no spec: put resource, inference and tuning at the root';
    faults.push(fault);
  }
}
