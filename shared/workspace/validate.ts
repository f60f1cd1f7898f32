import { defaultAdmission, type AdmissionContext } from './admission-context.ts';
import { CauseReason, noFindings, type Fault, type Findings, type Validated } from './fault.ts';
import { readDocument } from './read-document.ts';
import { checkCreate } from './rules/create.ts';
import { checkPodFields } from './rules/pod-fields.ts';
import { checkUpdate } from './rules/update.ts';
import type { Workspace } from './workspace.ts';

/**
 * Checks a parsed document as a new Workspace: structure, defaults, and every create rule, all faults at once.
 * @param context what the rules should know of the deployment; defaults to nodes being added and all gates off
 */
export function validateCreate(
  document: unknown,
  context: Partial<AdmissionContext> = {},
): Validated<Workspace> {
  return validate(document, true, (workspace, findings) => {
    checkPodFields(workspace, findings);
    checkCreate(workspace, { ...defaultAdmission, ...context }, findings);
  });
}

/** Reads a parsed document and fills in the defaults, checking structure and types alone: what the API server does before admission. */
export function defaultWorkspace(document: unknown): Validated<Workspace> {
  return validate(document, true, () => undefined);
}

/**
 * Checks a parsed document as the successor of a recorded Workspace: structure, defaults, and every update rule.
 * @param old what is recorded: a Workspace, or the document of one, which gets its defaults; its own faults are passed over
 */
export function validateUpdate(
  old: unknown,
  document: unknown,
  context: Partial<AdmissionContext> = {},
): Validated<Workspace> {
  const recorded = readDocument(old, false, noFindings());
  if (recorded === undefined) return { ok: false, faults: [nothingRecorded] };
  return validate(document, true, (workspace, findings) => {
    checkPodFields(workspace, findings);
    checkUpdate(recorded, workspace, { ...defaultAdmission, ...context }, findings);
  });
}

const nothingRecorded: Fault = {
  field: '',
  reason: CauseReason.Invalid,
  message: 'what is recorded is not a Workspace: there is nothing to update',
  remedy: 'create the Workspace',
};

/**
 * Reads a custom resource as the cluster stores it (`kubectl apply` does not pass our doors): unknown fields are passed over,
 * the create rules apply.
 */
export function readWorkspace(
  object: unknown,
  context: Partial<AdmissionContext> = {},
): Validated<Workspace> {
  return validate(object, false, (workspace, findings) => {
    checkCreate(workspace, { ...defaultAdmission, ...context }, findings);
  });
}

type Rules = (workspace: Workspace, findings: Findings) => void;

function validate(document: unknown, strict: boolean, rules: Rules): Validated<Workspace> {
  const structure = noFindings();
  const workspace = readDocument(document, strict, structure);
  if (workspace === undefined) return { ok: false, faults: atMost(structure.faults) };
  const meaning = noFindings();
  rules(workspace, meaning);
  // A field of the wrong type was read as a neutral value: what the rules say about that value is only an echo.
  const roots = structure.faults.map((fault) => fault.field).filter((field) => field !== '');
  // Which of a partition's fields belong there hangs on its mode.
  if (roots.includes('resource.partition.mode'))
    roots.push('resource.partition.profile', 'resource.partition.count');
  const echoes = (field: string) =>
    roots.some((root) => field === root || field.startsWith(`${root}.`) || field.startsWith(`${root}[`));
  const faults = [...structure.faults, ...meaning.faults.filter((fault) => !echoes(fault.field))];
  if (faults.length > 0) return { ok: false, faults: atMost(faults) };
  return { ok: true, value: workspace, warnings: [...structure.warnings, ...meaning.warnings] };
}

/** Nobody mends more at once; a body of nothing but unknown fields must not make an answer of megabytes. */
const reportedFaults = 100;

function atMost(faults: Fault[]): Fault[] {
  const left = faults.length - reportedFaults;
  if (left <= 0) return faults;
  const more: Fault = {
    field: '',
    reason: CauseReason.TooMany,
    message: `and ${left} more faults`,
    remedy: 'mend these first',
  };
  return [...faults.slice(0, reportedFaults), more];
}
