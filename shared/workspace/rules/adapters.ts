import type { Runtime } from '../annotations.ts';
import { CauseReason, shortened, shown, type Findings } from '../fault.ts';
import { isDnsSubdomain } from '../names.ts';
import type { Adapter } from '../workspace.ts';
import { checkSource } from './data-source.ts';

const maximumAdapters = 10;

/** I6, I9, I10 and A1 to A8, at create as at update. */
export function checkAdapters(adapters: readonly Adapter[], runtime: Runtime, findings: Findings): void {
  const { faults } = findings;
  if (adapters.length > maximumAdapters) {
    const message = `${adapters.length} adapters are over the maximum limit of ${maximumAdapters}`;
    faults.push({
      field: 'inference.adapters',
      reason: CauseReason.TooMany,
      message,
      remedy: 'spread them over several Workspaces',
    });
  }
  const names = new Set<string>();
  for (const [index, adapter] of adapters.entries()) {
    const field = `inference.adapters[${index}]`;
    checkAdapterSource(adapter, field, findings);
    checkStrength(adapter, runtime, `${field}.strength`, findings);
    const name = adapter.source?.name ?? '';
    const twice = shortened(name);
    if (name !== '' && names.has(name)) {
      const message = `Duplicate adapter source name found: ${twice}`;
      faults.push({
        field: `${field}.source.name`,
        reason: CauseReason.Duplicate,
        message,
        remedy: 'give each adapter its own name',
      });
    }
    names.add(name);
  }
}

function checkAdapterSource({ source }: Adapter, field: string, findings: Findings): void {
  const { faults } = findings;
  const at = `${field}.source`;
  if (source === undefined) {
    faults.push({
      field: at,
      reason: CauseReason.Required,
      message: 'an adapter needs a source',
      remedy: 'name an image or a volume',
    });
    return;
  }
  const name = source.name ?? '';
  if (name === '') {
    faults.push({
      field: `${at}.name`,
      reason: CauseReason.Required,
      message: 'Name of Adapter field must be specified',
      remedy: 'the name addresses the adapter in requests',
    });
  } else if (!isDnsSubdomain(name)) {
    faults.push({
      field: `${at}.name`,
      reason: CauseReason.Invalid,
      message: `${shown(name)} is not a DNS subdomain`,
      remedy: 'use lower-case letters, digits, "-" and "."',
    });
  }
  if ((source.urls?.length ?? 0) > 0) {
    faults.push({
      field: `${at}.urls`,
      reason: CauseReason.NotSupported,
      message: `URLs are not supported as adapter source: ${source.urls?.length ?? 0} given`,
      remedy: 'use image or volumeSource',
    });
  } else if ((source.image ?? '') === '' && source.volumeSource === undefined) {
    faults.push({
      field: at,
      reason: CauseReason.Required,
      message: 'Either Image or Volume must be given',
      remedy: 'name an image or a volume',
    });
  } else checkSource(source, at, findings);
}

/** A decimal as Go's ParseFloat takes it; the range test follows. */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function checkStrength(adapter: Adapter, runtime: Runtime, at: string, findings: Findings): void {
  const { strength } = adapter;
  if (strength === undefined || strength === '') return;
  const name = shortened(adapter.source?.name ?? '');
  const value = Number(strength);
  if (!decimal.test(strength)) {
    findings.faults.push({
      field: at,
      reason: CauseReason.Invalid,
      message: `Invalid strength value for Adapter '${name}': ${shown(strength)}`,
      remedy: 'write a decimal from 0 to 1, in quotes',
    });
  } else if (value < 0 || value > 1) {
    findings.faults.push({
      field: at,
      reason: CauseReason.Invalid,
      message: `Strength value for Adapter '${name}' must be between 0 and 1, not ${shown(strength)}`,
      remedy: 'write a decimal from 0 to 1',
    });
  }
  if (runtime === 'transformers') return;
  // vLLM applies every adapter in full, so 1 asks for what happens anyway (the quick start of KAITO's README writes it).
  if (value === 1) findings.warnings.push(`${at}: vLLM applies adapters in full; strength has no effect`);
  else {
    findings.faults.push({
      field: at,
      reason: CauseReason.NotSupported,
      message: `Runtime validation: vLLM supports no adapter strength, here ${shown(strength)}`,
      remedy: 'remove strength, or use the annotation kaito.sh/runtime: transformers',
    });
  }
}
