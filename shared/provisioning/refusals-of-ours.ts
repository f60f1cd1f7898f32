import { ProvisioningError } from './node-provisioner.ts';

/** Refusals that every provisioner gives by itself, before or instead of asking anybody; `what` is a kind such as `Agent pool`. */

export function poolGone(what: string, name: string): ProvisioningError {
  return new ProvisioningError({
    class: 'retry',
    code: 'NotFound',
    message: `${what} ${name} is not there.`,
  });
}

export function notOurs(what: string, name: string): ProvisioningError {
  return new ProvisioningError({
    class: 'bug',
    code: 'NotOurs',
    message: `${what} ${name} lacks Slipway's tags; it is left alone.`,
  });
}

export function nameTaken(what: string, name: string): ProvisioningError {
  return new ProvisioningError({
    class: 'bug',
    code: 'PoolNameTaken',
    message: `${what} ${name} exists and belongs to something else.`,
    remedy: 'Rename or remove that pool, or set another instance type so that a new name is chosen.',
  });
}

/** Names that every kind of pool can have; see `PoolRequest.name`. */
export function checkName(name: string): void {
  if (/^[a-z][a-z0-9]{0,11}$/.test(name)) return;
  throw new ProvisioningError({
    class: 'bug',
    code: 'InvalidRequest',
    message: `"${name}" is no name of a pool: 1 to 12 lower-case letters and digits, a letter first.`,
  });
}
