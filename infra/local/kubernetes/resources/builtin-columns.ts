import type { PrinterColumn } from './definition.ts';

/** Columns of `kubectl get` for a built-in kind; only Name and Age when none are listed. */
export function builtinColumns(plural: string): readonly PrinterColumn[] {
  return columns[plural] ?? [];
}

const columns: Record<string, readonly PrinterColumn[]> = {};
