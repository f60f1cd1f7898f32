import { CauseReason, shown, type Findings } from '../fault.ts';
import { isImageReference } from '../names.ts';
import type { DataDestination, DataSource } from '../workspace.ts';
import { refusedHost } from './private-address.ts';

/** S1 to S6: exactly one source, an image that parses, and URLs that lead to a public host. */
export function checkSource(source: DataSource, field: string, { faults }: Findings): void {
  const urls = source.urls ?? [];
  const image = source.image ?? '';
  const given = [urls.length > 0, source.volumeSource !== undefined, image !== ''].filter(Boolean).length;
  if (given !== 1) {
    const message = `Exactly one of urls, volumeSource, image must be given, not ${given}`;
    faults.push({
      field,
      reason: given === 0 ? CauseReason.Required : CauseReason.Forbidden,
      message,
      remedy: 'keep one of them',
    });
  }
  if (image !== '' && !isImageReference(image)) {
    const message = `Unable to parse input image reference ${shown(image)}`;
    faults.push({
      field: `${field}.image`,
      reason: CauseReason.Invalid,
      message,
      remedy: 'write registry/repository:tag in lower case',
    });
  }
  for (const [index, url] of urls.entries()) {
    const fault = urlFault(url);
    if (fault === undefined) continue;
    const remedy = 'use an http or https address that the pod can reach over the Internet';
    faults.push({
      field: `${field}.urls[${index}]`,
      reason: CauseReason.Invalid,
      message: `${fault}: ${shown(withoutSecrets(url))}`,
      remedy,
    });
  }
}

/** Addresses often carry tokens in their user part and query: those are not repeated. */
function withoutSecrets(url: string): string {
  return url.replace(/\?.*$/s, '?...').replace(/\/\/[^/@]*@/, '//...@');
}

/** A scheme and a host, as Go reads them: the WHATWG parser finds a host in `http:///x` and `https:x` too. */
const schemeAndHost = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\\s]/i;

function urlFault(text: string): string | undefined {
  // White space separates the URLs in the downloader's environment.
  const parsed = schemeAndHost.test(text) && !/\s/.test(text) ? URL.parse(text) : null;
  if (parsed === null || parsed.hostname === '') {
    const web = /^https?:/i.test(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text);
    return web
      ? 'invalid data source URL'
      : 'invalid data source URL (data source URL must use HTTP or HTTPS)';
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    return 'data source URL must use HTTP or HTTPS';
  const refused = refusedHost(parsed.hostname);
  return refused === undefined ? undefined : `data source URL targets a ${refused}`;
}

/** O1 to O3. */
export function checkDestination(destination: DataDestination, field: string, { faults }: Findings): void {
  const image = destination.image ?? '';
  const given = [destination.volumeSource !== undefined, image !== ''].filter(Boolean).length;
  if (given !== 1) {
    const message = 'Exactly one of Volume or Image must be specified';
    faults.push({
      field,
      reason: given === 0 ? CauseReason.Required : CauseReason.Forbidden,
      message,
      remedy: 'keep volumeSource or image',
    });
  }
  if (image === '') return;
  if (!isImageReference(image)) {
    const message = `Unable to parse output image reference ${shown(image)}`;
    faults.push({
      field: `${field}.image`,
      reason: CauseReason.Invalid,
      message,
      remedy: 'write registry/repository:tag, the repository in lower case',
    });
  }
  if ((destination.imagePushSecret ?? '') === '') {
    const message = 'imagePushSecret is required with the destination image';
    faults.push({
      field: `${field}.imagePushSecret`,
      reason: CauseReason.Required,
      message,
      remedy: 'name a secret of type kubernetes.io/dockerconfigjson',
    });
  }
}
