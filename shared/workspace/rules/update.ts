import { Annotation, runtimeOf, SlipwayAnnotation } from '../annotations.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { CauseReason, shown, type Findings } from '../fault.ts';
import { equalMeaning } from '../canonical.ts';
import { versionOf, type Resource, type Tuning, type Workspace } from '../workspace.ts';
import { checkAdapters } from './adapters.ts';
import { checkAnnotationValues } from './annotations.ts';
import { checkDestination, checkSource } from './data-source.ts';
import { checkNodeAllocation } from './node-allocation.ts';
import { checkNodeClass } from './node-class.ts';
import { checkReferences } from './references.ts';
import { checkSelector, isMapLike } from './resource.ts';

/**
 * Every rule that holds when a Workspace is changed (reference, b.6). Slipway also checks annotation values, the adapter limit
 * and tuning data again, which KAITO looks at only once.
 */
export function checkUpdate(
  old: Workspace,
  next: Workspace,
  context: AdmissionContext,
  findings: Findings,
): void {
  checkIdentity(old, next, findings);
  checkToggles(old, next, findings);
  checkResourceChange(old, next, context, findings);
  checkAnnotationValues(next, findings);
  checkReferences(next, findings);
  checkNodeClassChange(old, next, context, findings);
  checkNodeAllocationChange(old, next, context, findings);
  if (context.gates.modelStreaming === true && versionOf(next) === 'v1beta1')
    checkStreaming(old, next, findings);
  if (old.inference !== undefined && next.inference !== undefined) {
    const [before, after] = [old.inference.preset, next.inference.preset];
    if (!equalMeaning(before, after)) immutable(findings, 'inference.preset', changed(before, after));
    if ((old.inference.template === undefined) !== (next.inference.template === undefined)) {
      immutable(findings, 'inference.template', 'the field cannot be unset/set if it was set/unset');
    }
    const runtime = runtimeOf(next.metadata.annotations, context.gates.vllm);
    checkAdapters(next.inference.adapters ?? [], runtime, findings);
  }
  if (old.tuning !== undefined && next.tuning !== undefined)
    checkTuningChange(old.tuning, next.tuning, findings);
}

function checkIdentity(old: Workspace, next: Workspace, findings: Findings): void {
  for (const key of ['name', 'namespace'] as const) {
    if (old.metadata[key] === next.metadata[key]) continue;
    immutable(
      findings,
      `metadata.${key}`,
      `${shown(next.metadata[key])} is another Workspace than ${shown(old.metadata[key])}`,
    );
  }
}

function checkToggles(old: Workspace, next: Workspace, findings: Findings): void {
  if ((old.inference === undefined) !== (next.inference === undefined)) {
    immutable(findings, 'inference', 'Inference field cannot be toggled once set');
  }
  if ((old.tuning === undefined) !== (next.tuning === undefined)) {
    immutable(findings, 'tuning', 'Tuning field cannot be toggled once set');
  }
}

/** U14. */
function checkNodeClassChange(
  old: Workspace,
  next: Workspace,
  context: AdmissionContext,
  findings: Findings,
): void {
  const chosen = Annotation.nodeClassName;
  if (old.metadata.annotations[chosen] !== next.metadata.annotations[chosen])
    checkNodeClass(next, context, findings);
}

function checkNodeAllocationChange(
  old: Workspace,
  next: Workspace,
  context: AdmissionContext,
  findings: Findings,
): void {
  const chosen = SlipwayAnnotation.nodeAllocation;
  if (old.metadata.annotations[chosen] !== next.metadata.annotations[chosen])
    checkNodeAllocation(next, context, findings);
}

/** U15. */
function checkStreaming(old: Workspace, next: Workspace, findings: Findings): void {
  const streaming = Annotation.modelStreaming;
  if (old.metadata.annotations[streaming] === next.metadata.annotations[streaming]) return;
  const [before, after] = [old, next].map(({ metadata }) => metadata.annotations[streaming]);
  immutable(
    findings,
    `metadata.annotations[${streaming}]`,
    `the annotation is immutable after creation: ${changed(before, after)}`,
  );
}

/** U3 to U10. */
function checkResourceChange(
  old: Workspace,
  next: Workspace,
  context: AdmissionContext,
  findings: Findings,
): void {
  if (old.resource.count !== next.resource.count)
    immutable(findings, 'resource.count', changed(old.resource.count, next.resource.count));
  const [before, after] = [old.resource.partition, next.resource.partition];
  if (!equalMeaning(before, after)) immutable(findings, 'resource.partition', changed(before, after));
  checkInstanceTypeChange(old, next, context, findings);
  if (!checkSelector(next, findings)) return;
  // U9 for what is recorded: a selector that is no map equals none.
  const same = isMapLike(old.resource) && equalMeaning(selectorMap(old.resource), selectorMap(next.resource));
  if (!same)
    immutable(
      findings,
      'resource.labelSelector',
      changed(old.resource.labelSelector, next.resource.labelSelector),
    );
}

/** U5 to U8. Azure does not care for the case of a size, so neither does this. */
function checkInstanceTypeChange(
  old: Workspace,
  next: Workspace,
  context: AdmissionContext,
  findings: Findings,
): void {
  const field = 'resource.instanceType';
  const before = old.resource.instanceType ?? '';
  const after = next.resource.instanceType ?? '';
  if (before.toLowerCase() === after.toLowerCase() && after !== '') return;
  if (versionOf(next) === 'v1alpha1') {
    if (before !== after) immutable(findings, field, changed(before, after));
  } else if (context.provisioning === 'auto') {
    if (after === '')
      findings.faults.push({
        field,
        reason: CauseReason.Required,
        message: 'instanceType is required',
        remedy: before === '' ? 'name an Azure GPU size' : `keep ${before}`,
      });
    else if (before !== '')
      immutable(
        findings,
        field,
        `instanceType cannot be changed once set: ${shown(before)}, not ${shown(after)}`,
      );
  } else if (after !== '') {
    const message =
      before === ''
        ? `instanceType ${shown(after)} must be empty: node auto-provisioning is off`
        : `instanceType cannot be changed once set: ${shown(before)}, not ${shown(after)}`;
    immutable(findings, field, message);
  }
}

/** matchLabels and single-value In expressions mean the same; an expression overrides a label of its key, as `LabelSelectorAsMap` has it. */
function selectorMap({ labelSelector }: Resource): Record<string, string> {
  const expressions = (labelSelector.matchExpressions ?? []).map(({ key, values }): [string, string] => [
    key,
    values?.[0] ?? '',
  ]);
  return { ...labelSelector.matchLabels, ...Object.fromEntries(expressions) };
}

/** U16 to U20. */
function checkTuningChange(old: Tuning, next: Tuning, findings: Findings): void {
  if (!equalMeaning(old.preset, next.preset))
    immutable(findings, 'tuning.preset', `Preset cannot be changed: ${changed(old.preset, next.preset)}`);
  if (old.method?.toLowerCase() !== next.method?.toLowerCase())
    immutable(findings, 'tuning.method', `Method cannot be changed: ${changed(old.method, next.method)}`);
  if ((old.input.name ?? '') !== (next.input.name ?? '')) {
    const names = changed(old.input.name, next.input.name);
    immutable(findings, 'tuning.input.name', `Name field cannot be changed during tuning: ${names}`);
  }
  checkSource(next.input, 'tuning.input', findings);
  checkDestination(next.output, 'tuning.output', findings);
}

function changed(before: unknown, after: unknown): string {
  return `field is immutable: ${shown(before)} cannot become ${shown(after)}`;
}

/** As Kubernetes reports a changed field that may not change: `ValidateImmutableField` of apimachinery says invalid. */
function immutable({ faults }: Findings, field: string, message: string): void {
  faults.push({
    field,
    reason: CauseReason.Invalid,
    message,
    remedy: 'restore the old value, or delete the Workspace and create it anew',
  });
}
