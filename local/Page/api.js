/** What went wrong, in the words of whoever refused. */
export class ApiError extends Error {
  /** @param status The HTTP status; 0 when there was no answer. */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The album's API, as any client sees it. */
export class AlbumApi {
  #user;

  /** @param user Has token(renew): the ID token to send, a new one where there can be one when renew is true. */
  constructor(user) {
    this.#user = user;
  }

  list(next) {
    return this.#send('GET', `/photos?limit=24${next ? `&next=${encodeURIComponent(next)}` : ''}`);
  }

  get(id) {
    return this.#send('GET', `/photos/${id}`);
  }

  grant(name, contentType, size) {
    return this.#send('POST', '/photos/uploads', { name, contentType, size });
  }

  write(id, name) {
    return this.#send('POST', '/photos', { id, name });
  }

  delete(id) {
    return this.#send('DELETE', `/photos/${id}`);
  }

  async #send(method, path, body) {
    const token = await this.#user.token(false);
    let response = await this.#request(method, path, body, token);
    if (response.status === 401) {
      const renewed = await this.#user.token(true);
      if (renewed !== token) response = await this.#request(method, path, body, renewed);
    }
    if (response.ok) {
      return response.status === 204 ? undefined : response.json();
    }
    const { message } = await response.json().catch(() => ({}));
    throw new ApiError(response.status, message ?? `The API answered ${response.status}.`);
  }

  async #request(method, path, body, token) {
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers['Content-Type'] = 'application/json';
    try {
      return await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      throw new ApiError(0, 'The API does not answer. Is make run still on?');
    }
  }
}

/**
 * Sends a file as an upload grant says, straight to the bucket. fetch has no progress of an upload; XMLHttpRequest does.
 * @param progress Told how many bytes have gone.
 * @param signal Ends it.
 */
export function put({ method, url, headers }, file, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser counts the bytes itself, and lets no page say it.
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () =>
      request.status === 200 ? resolve() : reject(new ApiError(request.status, s3Message(request.responseText, request.status)));
    request.onerror = () => reject(new ApiError(0, 'The bucket cannot be reached.'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function s3Message(xml, status) {
  const message = new DOMParser().parseFromString(xml, 'application/xml').querySelector('Error > Message');
  return message?.textContent ?? `The bucket answered ${status}.`;
}
