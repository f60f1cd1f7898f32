import { z } from 'zod';

export const tolerationSchema = z.looseObject({
  key: z.string().optional(),
  operator: z.string().default('Equal'),
  value: z.string().default(''),
  effect: z.string().default(''),
  tolerationSeconds: z.number().optional(),
});
export type Toleration = z.infer<typeof tolerationSchema>;

export const taintSchema = z.looseObject({
  key: z.string(),
  value: z.string().default(''),
  effect: z.string(),
  timeAdded: z.string().optional(),
});
export type Taint = z.infer<typeof taintSchema>;

/** Whether a toleration covers a taint: an empty key with Exists covers all, an empty effect covers every effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.key === undefined || toleration.key === '') return toleration.operator === 'Exists';
  if (toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || toleration.value === taint.value;
}

/** The first taint of one of `effects` that none of the tolerations covers. */
export function untolerated(
  taints: Taint[],
  tolerations: Toleration[],
  effects: string[],
): Taint | undefined {
  return taints.find(
    (taint) =>
      effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

/** `key=value:effect` as agent pools write it. Undefined when it is not of that form. */
export function parseTaint(text: string): Taint | undefined {
  const parts = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text);
  if (parts === null) return undefined;
  const [, key = '', value = '', effect = ''] = parts;
  return { key, value, effect };
}
