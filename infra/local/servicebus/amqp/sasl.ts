import type { Container } from 'rhea';

/** Anything a Service Bus client tries is let in: the broker is on loopback and checks no keys. */
export function offerMechanisms(container: Container): void {
  const mechanisms: unknown = container.sasl_server_mechanisms;
  if (!isMechanismTable(mechanisms)) throw new Error("rhea's SASL table is not built as expected");
  mechanisms.enable_anonymous();
  mechanisms.enable_plain(() => true);
  // The .NET client asks for this name; the exchange is that of ANONYMOUS.
  mechanisms['MSSBCBS'] = mechanisms['ANONYMOUS'];
}

interface MechanismTable {
  enable_anonymous(): void;
  enable_plain(check: (username: string, password: string) => boolean): void;
  [name: string]: unknown;
}

function isMechanismTable(value: unknown): value is MechanismTable {
  return (
    typeof value === 'object' && value !== null && 'enable_anonymous' in value && 'enable_plain' in value
  );
}
