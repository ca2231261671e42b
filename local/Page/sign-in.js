/** A development user, whose tokens the local host issues. */
export class DevelopmentUser {
  #token;

  constructor(name) {
    this.id = name;
    this.name = name;
  }

  async token(renew) {
    if (renew || !this.#token) {
      const response = await fetch(`/local/token?sub=${encodeURIComponent(this.name)}`, { method: 'POST' }).catch(() => {
        throw new Error('The local host is not reachable. Check that make run is still running.');
      });
      const { token, message } = await response.json();
      if (!response.ok) throw new Error(message);
      this.#token = token;
    }
    return this.#token;
  }
}

/** A user of a user pool, until the token expires. */
class PoolUser {
  #token;

  constructor(token) {
    this.#token = token;
    const bytes = Uint8Array.from(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    this.id = claims.sub;
    this.name = claims.email ?? claims['cognito:username'] ?? claims.sub;
  }

  async token() {
    return this.#token;
  }
}

const pending = 'photos-sign-in';

/** Opens the user pool's hosted page, for the OAuth 2.0 authorization code flow with PKCE (RFC 7636). */
export async function beginSignIn({ authorizationEndpoint, clientId }) {
  const [verifier, state] = [randomText(), randomText()];
  sessionStorage.setItem(pending, JSON.stringify({ verifier, state }));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const url = new URL(authorizationEndpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: `${location.origin}/`,
    scope: 'openid',
    state,
    code_challenge: base64Url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  });
  location.assign(url);
}

/**
 * Completes a sign-in with the parameters that the user pool's page has added to the URL.
 * @returns The user; undefined when the URL has none of these parameters.
 */
export async function endSignIn({ tokenEndpoint, clientId }) {
  const parameters = new URLSearchParams(location.search);
  if (!parameters.has('code') && !parameters.has('error')) return undefined;
  // Removes the code, which is valid only once, from the URL and the history.
  history.replaceState(null, '', '/');
  const { verifier, state } = JSON.parse(sessionStorage.getItem(pending)) ?? {};
  sessionStorage.removeItem(pending);
  if (parameters.has('error')) throw new Error(parameters.get('error_description') ?? parameters.get('error'));
  if (!state || parameters.get('state') !== state) throw new Error('This sign-in was not started on this page. Sign in again.');

  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: `${location.origin}/`,
      code: parameters.get('code'),
      code_verifier: verifier,
    }),
  });
  const { id_token: token, error } = await response.json();
  if (!response.ok) throw new Error(`The user pool did not return a token: ${error}. Sign in again.`);
  return new PoolUser(token);
}

/**
 * Leaves the page, and with it the token, which is only in memory. The user pool's page ends its session, too, so that the next
 * sign-in asks for the password: https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
 */
export function signOut({ signOutEndpoint, clientId }) {
  const url = new URL(signOutEndpoint ?? '/', location.origin);
  if (signOutEndpoint) url.search = new URLSearchParams({ client_id: clientId, logout_uri: `${location.origin}/` });
  location.assign(url);
}

function randomText() {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64Url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
