// Makes our own vectors beside this file: tokens and the public keys for them, without the private keys.
//
//   node make.mjs        writes NAME.jws and NAME.jwks; the names and what is special about each are below
//
// They are made once and kept, so that every libjwt gets the same ones. Those named rfc* are not made here: they are copied
// from RFC 7515, appendix A, and RFC 7520, section 4.

import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
const ec = {};
for (const [alg, curve] of Object.entries(curves)) {
  ec[alg] = generateKeyPairSync('ec', { namedCurve: curve });
}
const pairOf = (alg) => ec[alg] ?? rsa;

function signatureOf(alg, input, salt, encoding = 'ieee-p1363') {
  const key = { key: pairOf(alg).privateKey, dsaEncoding: encoding };
  if (alg.startsWith('PS')) {
    key.padding = constants.RSA_PKCS1_PSS_PADDING;
    key.saltLength = salt ?? constants.RSA_PSS_SALTLEN_DIGEST;
  }
  return sign(`sha${alg.slice(2)}`, Buffer.from(input), key);
}

function write(name, jws, ...keys) {
  writeFileSync(new URL(`${name}.jws`, import.meta.url), `${jws}\n`);
  writeFileSync(new URL(`${name}.jwks`, import.meta.url), `${JSON.stringify({ keys })}\n`);
}

function make(name, header, payload, options = {}) {
  const { alg } = header;
  const input = `${b64(JSON.stringify(header))}.${b64(payload)}`;
  const signature = signatureOf(alg, input, options.salt, options.encoding);
  write(name, `${input}.${b64(options.twist?.(signature) ?? signature)}`, pairOf(alg).publicKey.export({ format: 'jwk' }));
}

const claims = '{"sub":"of-a-vector"}';

// Each algorithm, with a payload of claims.
for (const size of ['256', '384', '512']) {
  for (const kind of ['RS', 'PS', 'ES']) {
    make(`own-${kind.toLowerCase()}${size}`, { alg: kind + size }, claims);
  }
}
// A payload may be anything, or empty.
make('own-empty-payload', { alg: 'ES256' }, '');
make('own-binary-payload', { alg: 'RS256' }, Buffer.from([0, 1, 2, 255, 254, 0]));
make('own-array-payload', { alg: 'ES384' }, '[1,2,3]');
make('own-expired-payload', { alg: 'ES256' }, '{"exp":1,"nbf":9999999999,"iss":"https://other.example/"}');
make('own-type-of-its-own', { alg: 'ES256', typ: 'at+jwt' }, claims);
// Signed correctly, and still to be refused.
make('bad-crit', { alg: 'RS256', crit: ['b64'], b64: true }, claims);
make('bad-crit-empty', { alg: 'RS256', crit: [] }, claims);
make('bad-es256-der', { alg: 'ES256' }, claims, { encoding: 'der' });
make('bad-es256-long', { alg: 'ES256' }, claims, { twist: (s) => Buffer.concat([s, Buffer.alloc(1)]) });
make('bad-es256-zero', { alg: 'ES256' }, claims, { twist: () => Buffer.alloc(64) });
make('bad-ps256-salt', { alg: 'PS256' }, claims, { salt: 0 });
{
  // The classic attack: the public key, which everybody has, is used as a shared secret.
  const input = `${b64('{"alg":"HS256"}')}.${b64(claims)}`;
  const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
  write('bad-hs256-of-public-key', `${input}.${b64(createHmac('sha256', pem).update(input).digest())}`,
    rsa.publicKey.export({ format: 'jwk' }));
  // ES256 with an RSA key's signature: the key's type decides.
  const crossed = `${b64('{"alg":"ES256"}')}.${b64(claims)}`;
  write('bad-es256-of-rsa', `${crossed}.${b64(signatureOf('RS256', crossed))}`, rsa.publicKey.export({ format: 'jwk' }));
  const rs = `${b64('{"alg":"rs256"}')}.${b64(claims)}`;
  write('bad-alg-case', `${rs}.${b64(signatureOf('RS256', rs))}`, rsa.publicKey.export({ format: 'jwk' }));
  const small = generateKeyPairSync('rsa', { modulusLength: 512 });
  const weak = `${b64('{"alg":"RS256"}')}.${b64(claims)}`;
  write('bad-rsa-512-bits', `${weak}.${b64(sign('sha256', Buffer.from(weak), small.privateKey))}`,
    small.publicKey.export({ format: 'jwk' }));
}
