import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noFindings } from '../../../shared/workspace/fault.ts';
import {
  isDnsLabel,
  isDnsSubdomain,
  isImageReference,
  isQualifiedKey,
  normaliseImage,
} from '../../../shared/workspace/names.ts';
import { checkSource } from '../../../shared/workspace/rules/data-source.ts';

function refusal(url: string): string | undefined {
  const findings = noFindings();
  checkSource({ urls: [url] }, 'tuning.input', findings);
  return findings.faults[0]?.message;
}

describe('a data URL', () => {
  const internal = [
    'http://127.0.0.1/x',
    'http://127.9.9.9',
    'http://10.0.0.1',
    'http://172.16.0.1',
    'http://172.31.255.255',
    'http://192.168.1.1',
    'http://169.254.169.254/metadata',
    'http://[::1]/',
    'http://[fc00::1]',
    'http://[fd12:3456::1]',
    'http://[fe80::1]',
    'http://[::ffff:10.0.0.1]',
    'http://[::ffff:a9fe:a9fe]/',
    'http://224.0.0.251',
    'http://[ff02::1]',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://127.1',
  ];
  for (const url of internal)
    it(`may not lead into the cluster: ${url}`, () =>
      assert.match(refusal(url) ?? '', /loopback, private, or link-local/));

  for (const host of [
    'localhost',
    'LOCALHOST',
    'a.localhost',
    'metadata.google.internal',
    'metadata.google',
    'instance-data.ec2.internal',
    'localhost.',
  ]) {
    it(`may not lead to ${host}`, () =>
      assert.match(refusal(`http://${host}/x`) ?? '', /local or metadata endpoint/));
  }

  for (const url of [
    'https://huggingface.co/x?download=true',
    'http://8.8.8.8/x',
    'http://172.32.0.1',
    'http://0.0.0.0',
    'http://100.64.0.1',
    'http://239.1.1.1',
    'https://[2606:4700::1]/x',
    'https://notlocalhost/x',
  ]) {
    it(`may lead to ${url}`, () => assert.equal(refusal(url), undefined));
  }

  it('must be HTTP with a host', () => {
    assert.match(refusal('ftp://data.example/x') ?? '', /must use HTTP or HTTPS/);
    assert.match(refusal('file:///etc/passwd') ?? '', /invalid data source URL.*must use HTTP or HTTPS/);
    for (const url of [
      'http:///x',
      'https:data.example/x',
      'http:\\\\data.example',
      'data.example/x',
      'http://?x',
    ]) {
      assert.match(refusal(url) ?? '', /invalid data source URL/, url);
    }
    assert.match(refusal('https://data.example/a b') ?? '', /invalid data source URL/);
    assert.match(refusal('data.csv') ?? '', /invalid data source URL/);
    assert.match(refusal('https://') ?? '', /invalid data source URL/);
  });

  it('is not repeated with its credentials', () => {
    const message = refusal('http://user:hunter2@localhost/x?sig=topsecret') ?? '';
    assert.doesNotMatch(message, /hunter2|topsecret/);
  });
});

describe('names', () => {
  it('are DNS labels and subdomains as Kubernetes knows them', () => {
    assert.ok(
      isDnsLabel('a-1') && isDnsLabel('1') && !isDnsLabel('-a') && !isDnsLabel('a.b') && !isDnsLabel(''),
    );
    assert.ok(isDnsSubdomain('a.b-c') && !isDnsSubdomain('a..b') && !isDnsSubdomain('A'));
    assert.ok(
      isQualifiedKey('a.b/C_d') &&
        isQualifiedKey('x') &&
        !isQualifiedKey('/x') &&
        !isQualifiedKey('a/b/c') &&
        !isQualifiedKey(''),
    );
  });

  for (const image of [
    'a',
    'a/b:1',
    'ghcr.io/me/a.b_c-d:v1',
    'localhost:5000/x',
    'r.example:443/a/b@sha256:' + 'a'.repeat(64),
    'UPPER.example/x',
  ]) {
    it(`take ${image.slice(0, 40)} for an image`, () => assert.ok(isImageReference(image)));
  }
  for (const image of [
    '',
    'A',
    'a b',
    'a:',
    'x/Y',
    ':1',
    'a@sha256:abc',
    'a//b',
    '-a',
    `a:${'t'.repeat(129)}`,
  ]) {
    it(`take ${JSON.stringify(image.slice(0, 40))} for none`, () => assert.ok(!isImageReference(image)));
  }

  it('of images are completed as Docker does', () => {
    assert.equal(normaliseImage('x'), 'docker.io/library/x:latest');
    assert.equal(normaliseImage('me/x:1'), 'docker.io/me/x:1');
    assert.equal(normaliseImage('ghcr.io/me/x'), 'ghcr.io/me/x:latest');
    assert.equal(normaliseImage('localhost:5000/x'), 'localhost:5000/x:latest');
    assert.equal(
      normaliseImage(`r.example/x@sha256:${'a'.repeat(64)}`),
      `r.example/x@sha256:${'a'.repeat(64)}`,
    );
  });
});
