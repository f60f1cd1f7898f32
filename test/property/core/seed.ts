import { randomInt } from 'node:crypto';

/** The seed of a random test: `SEED` to replay one, else a new one, which is printed. */
export function seed(name: string): number {
  const given = process.env['SEED'];
  const chosen = given === undefined ? randomInt(2 ** 31) : Number(given);
  console.log(`${name}: SEED=${chosen}`);
  return chosen;
}
