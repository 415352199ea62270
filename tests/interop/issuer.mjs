// An independent OpenID provider (oidc-provider) on loopback, with Auth0's routes. It proves that the commands speak OAuth, and
// not only the dialect of our own sandbox.
//
//   node issuer.mjs          prints issuer=http://127.0.0.1:PORT once it is ready; exits when its standard input is closed
//
// Clients:  interop-client / interop-secret   client credentials, a JWT that carries Rhythm's claims
//           interop-native                    public; code with PKCE, any loopback port, refresh tokens that rotate
// GET /_count returns its counts of requests and tokens, one key=value per line.

import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

import Provider from 'oidc-provider';

const NAMESPACE = 'http://rhythmsoftware.com/';
const DAY_S = 86400;

const counts = { token_requests: 0, tokens: 0, jwks_requests: 0, authorize_requests: 0, revoke_requests: 0 };

const routes = {
  authorization: '/authorize',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  jwks: '/.well-known/jwks.json',
  userinfo: '/userinfo',
};

const counted = {
  [routes.token]: 'token_requests',
  [routes.jwks]: 'jwks_requests',
  [routes.authorization]: 'authorize_requests',
  [routes.revocation]: 'revoke_requests',
};

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'interop-1', use: 'sig', alg: 'RS256' };
}

/* Auth0 calls the resource indicator of RFC 8707 `audience`; without one the token is opaque, there as here. */
function audienceOf(ctx) {
  return ctx.oidc.body?.audience ?? ctx.query.audience;
}

function claimsOf(token) {
  const claims = {
    [`${NAMESPACE}tenant_id`]: 'acme.org',
    [`${NAMESPACE}customer_id`]: 'customer-1',
    azp: token.clientId,
  };
  if (token.kind === 'ClientCredentials') {
    return { ...claims, gty: 'client-credentials' };
  }
  return { ...claims, [`${NAMESPACE}contact_id`]: `contact-${token.accountId}` };
}

function configuration() {
  return {
    routes,
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'] },
    clients: [
      {
        client_id: 'interop-client',
        client_secret: 'interop-secret',
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
      {
        client_id: 'interop-native',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        // For a native client the port of a loopback address is not compared (RFC 8252, section 7.3).
        redirect_uris: ['http://127.0.0.1/', 'http://127.0.0.1/callback'],
      },
    ],
    pkce: { required: () => true, methods: ['S256'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: audienceOf,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, identifier) => ({
          scope: 'read write',
          audience: identifier,
          accessTokenFormat: 'jwt',
          accessTokenTTL: DAY_S,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraTokenClaims: (ctx, token) => claimsOf(token),
    formats: {
      customizers: {
        // Auth0's sub for a machine is its client ID with this suffix.
        jwt: (ctx, token, parts) => {
          if (token.kind === 'ClientCredentials') {
            parts.payload.sub = `${token.clientId}@clients`;
          }
        },
      },
    },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // Strictly, OpenID ignores offline_access without prompt=consent; Auth0 does not require that.
    issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: DAY_S,
      AuthorizationCode: 60,
      ClientCredentials: DAY_S,
      Grant: DAY_S,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: DAY_S,
      Session: 3600,
    },
  };
}

/* The port is in the issuer's name, so the server listens before the provider exists. */
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  const answer = provider.callback();

  // Opaque tokens are "saved", JWTs are "issued".
  for (const kind of ['client_credentials', 'access_token']) {
    provider.on(`${kind}.saved`, () => { counts.tokens += 1; });
    provider.on(`${kind}.issued`, () => { counts.tokens += 1; });
  }
  provider.on('server_error', (ctx, err) => { console.error(err); });

  server.on('request', (req, res) => {
    const { pathname } = new URL(req.url, issuer);
    if (pathname === '/_count') {
      res.setHeader('content-type', 'text/plain');
      res.end(Object.entries(counts).map(([key, value]) => `${key}=${value}\n`).join(''));
      return;
    }
    if (counted[pathname]) {
      counts[counted[pathname]] += 1;
    }
    answer(req, res);
  });
  process.stdout.write(`issuer=${issuer}\n`);
});

/* The parent holds the other end of standard input: when it exits for any reason, this exits too. */
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
process.stdin.resume();
