/** What Azure's prose says about a quota. All figures are vCPUs; what a message does not tell is absent. */
export interface QuotaFacts {
  /** A size family, `LowPriorityCores` or `Total Regional Cores`, as Azure spells it. */
  name?: string;
  region?: string;
  needed?: number;
  limit?: number;
  used?: number;
  left?: number;
}

// The wordings of Compute ("exceeding approved X quota ... Current Limit: 24, Current Usage: 24, Additional Required: 24") and of the AKS
// resource provider ("requested 24, remaining 0 for family X for region eastus").
const patterns = {
  name: /(?:exceeding approved|for family)\s+(.+?)(?:\s+quota\b|\s+for region\b)/i,
  region: /(?:Location:\s*|for region\s+)([a-z0-9]+)/i,
  needed: /(?:Additional Required:|requested)\s*(\d+)/i,
  limit: /Current Limit:\s*(\d+)/i,
  used: /Current Usage:\s*(\d+)/i,
  left: /\bremaining\s+(\d+)/i,
} as const;

/** Reads a quota out of an error text, as far as it is told. */
export function readQuota(text: string): QuotaFacts {
  const word = (field: 'name' | 'region'): string | undefined => patterns[field].exec(text)?.[1];
  const number = (field: 'needed' | 'limit' | 'used' | 'left'): number | undefined => {
    const digits = patterns[field].exec(text)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const [name, region] = [word('name'), word('region')];
  const [needed, limit, used, left] = [number('needed'), number('limit'), number('used'), number('left')];
  return {
    ...(name === undefined ? {} : { name: name.replace(/(family)\s+cores$/i, '$1') }),
    ...(region === undefined ? {} : { region }),
    ...(needed === undefined ? {} : { needed }),
    ...(limit === undefined ? {} : { limit }),
    ...(used === undefined ? {} : { used }),
    ...(left === undefined ? {} : { left }),
  };
}

/** What to ask for and how, with the figures that Azure told. `otherwise` is the way without more quota. */
export function quotaRemedy(text: string, otherwise: string): string {
  const { name, region, needed, limit, used, left } = readQuota(text);
  const where = [name, region].every((one) => one === undefined)
    ? ''
    : ` for ${name ?? 'the size family'} in ${region ?? 'the region'}`;
  const figures = [
    ...(needed === undefined ? [] : [`${needed} vCPUs needed`]),
    ...(limit === undefined ? [] : [`limit ${limit}`]),
    ...(used === undefined ? [] : [`${used} used`]),
    ...(left === undefined ? [] : [`${left} left`]),
  ];
  const total = used !== undefined && needed !== undefined ? ` of at least ${used + needed}` : '';
  const told = figures.length === 0 ? '' : ` (${figures.join(', ')})`;
  return (
    `Ask for more vCPU quota${where}${told}: request a limit${total} in the Azure portal under Quotas, Compute, ` +
    `or with az quota update; or ${otherwise}.`
  );
}
