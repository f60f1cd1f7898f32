import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** What a TLS server on loopback needs, and the CA file that clients trust (`NODE_EXTRA_CA_CERTS`). */
export interface LoopbackCertificates {
  /** PEM file of the platform's own CA; hand this to clients. */
  caFile: string;
  /** The CA certificate, PEM. */
  ca: string;
  /** Server certificate for 127.0.0.1, ::1 and localhost, PEM. */
  cert: string;
  /** Private key of the server certificate, PEM. */
  key: string;
}

/** X.509 validity is checked against the wall clock by TLS clients, so real time is right here. */
const validYears = 10;

/**
 * The loopback CA and server certificate kept in `directory`, made on first use. The CA's private key is thrown
 * away after it has signed the one server certificate: a developer who trusts the CA file trusts nothing else.
 */
export async function loopbackCertificates(directory: string): Promise<LoopbackCertificates> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const caFile = join(directory, 'ca.pem');
  const serverFile = join(directory, 'server.pem');
  const keyFile = join(directory, 'server-key.pem');
  if (![caFile, serverFile, keyFile].every((file) => existsSync(file))) {
    const made = await generateCertificates();
    writeWhole(keyFile, made.key);
    writeWhole(serverFile, made.cert);
    writeWhole(caFile, made.ca);
  }
  return {
    caFile,
    ca: readFileSync(caFile, 'utf8'),
    cert: readFileSync(serverFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  };
}

async function generateCertificates(): Promise<Pick<LoopbackCertificates, 'ca' | 'cert' | 'key'>> {
  const notBeforeDate = new Date(Date.now() - 24 * 3_600_000);
  const notAfterDate = new Date(notBeforeDate);
  notAfterDate.setFullYear(notAfterDate.getFullYear() + validYears);
  const common = { notBeforeDate, notAfterDate, algorithm: 'sha256', keyType: 'ec', curve: 'P-256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'Slipway loopback CA' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { ca: authority.cert, cert: server.cert, key: server.private };
}

/** A crash must leave the file absent or complete. */
function writeWhole(file: string, text: string): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, file);
}
