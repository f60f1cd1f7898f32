/** Whether a path segment satisfies one inline route constraint. */
export type RouteConstraint = (value: string) => boolean;

const guid = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const decimal = /^[+-]?\d+(?:\.\d+)?$/;

function integerWithin(bits: number): RouteConstraint {
  const limit = 2n ** BigInt(bits - 1);
  return (value) => /^[+-]?\d+$/.test(value) && BigInt(value) >= -limit && BigInt(value) < limit;
}

/** The constraints of ASP.NET routing that take no argument. */
const plain: Record<string, RouteConstraint> = {
  int: integerWithin(32),
  long: integerWithin(64),
  guid: (value) => guid.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  bool: (value) => /^(?:true|false)$/i.test(value),
  decimal: (value) => decimal.test(value),
  double: (value) => Number.isFinite(Number(value)) && value !== '',
  float: (value) => Number.isFinite(Number(value)) && value !== '',
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  required: (value) => value !== '',
};

/** Those that take arguments in parentheses. */
const withArguments: Record<string, (text: string) => RouteConstraint> = {
  min: (least) => (value) => plainInteger(value) && BigInt(value) >= BigInt(least),
  max: (most) => (value) => plainInteger(value) && BigInt(value) <= BigInt(most),
  range: (text) => {
    const [least = '0', most = least] = text.split(',').map((part) => part.trim());
    return (value) => plainInteger(value) && BigInt(value) >= BigInt(least) && BigInt(value) <= BigInt(most);
  },
  length: (text) => {
    const [least = 0, most = least] = text.split(',').map(Number);
    return (value) => value.length >= least && value.length <= most;
  },
  minlength: (least) => (value) => value.length >= Number(least),
  maxlength: (most) => (value) => value.length <= Number(most),
  regex: (pattern) => {
    const expression = new RegExp(pattern, 'i');
    return (value) => expression.test(value);
  },
};

function plainInteger(value: string): boolean {
  return /^-?\d+$/.test(value);
}

/** Reads `int`, `range(1,9)`, `regex(^a.*$)`, ... Throws on a constraint ASP.NET routing does not know. */
export function parseRouteConstraint(text: string): RouteConstraint {
  const match = /^(\w+)(?:\((.*)\))?$/s.exec(text);
  const [, name = '', argument] = match ?? [];
  const constraint = argument === undefined ? plain[name] : withArguments[name]?.(argument);
  if (constraint === undefined) throw new Error(`unknown route constraint '${text}'`);
  return constraint;
}
