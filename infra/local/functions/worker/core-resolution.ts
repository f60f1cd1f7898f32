import Module, { registerHooks } from 'node:module';
import { coreModule } from './core-module.ts';

const specifier = '@azure/functions-core';
const privateUrl = 'slipway-functions-core:module';
const globalKey = Symbol.for('slipway.functions-core');

/** How `@azure/functions-core` is made known: by documented module hooks, or as the production worker does it. */
export type CoreResolution = 'module-hooks' | 'require-patch';

let installed = false;

/**
 * Makes `@azure/functions-core` resolvable in this process. `@azure/functions` asks once and remembers a "not found" for
 * ever, so this must come before the app's entry point. Later calls change nothing.
 */
export function installCoreModule(resolution: CoreResolution): void {
  if (installed) return;
  installed = true;
  if (resolution === 'module-hooks') installModuleHooks();
  else patchRequire();
}

function installModuleHooks(): void {
  Object.defineProperty(globalThis, globalKey, { value: coreModule });
  registerHooks({
    resolve: (wanted, context, next) =>
      wanted === specifier
        ? { url: privateUrl, format: 'commonjs', shortCircuit: true }
        : next(wanted, context),
    load: (url, context, next) =>
      url === privateUrl
        ? {
            format: 'commonjs',
            source: `module.exports = globalThis[Symbol.for('slipway.functions-core')];`,
            shortCircuit: true,
          }
        : next(url, context),
  });
}

/** The production worker's way: one specifier answered by `Module.prototype.require`. */
function patchRequire(): void {
  const original = Reflect.get(Module.prototype, 'require');
  if (typeof original !== 'function') throw new TypeError('Module.prototype.require is not a function');
  Reflect.set(Module.prototype, 'require', function (this: unknown, wanted: string): unknown {
    return wanted === specifier ? coreModule : Reflect.apply(original, this, [wanted]);
  });
}
