/** An error of the API or the bucket, with its own message. */
export class ApiError extends Error {
  /** @param status The HTTP status; 0 when there is no response. */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** A client of the album's API. */
export class AlbumApi {
  #user;

  /** @param user Has token(renew), which returns the ID token. If renew is true, it returns a new token if it can. */
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
    throw new ApiError(response.status, message ?? `The API returned status ${response.status}.`);
  }

  async #request(method, path, body, token) {
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers['Content-Type'] = 'application/json';
    try {
      return await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      throw new ApiError(0, 'The API is not reachable. Check that make run is still running.');
    }
  }
}

/**
 * Uploads a file to the bucket with an upload grant. Uses XMLHttpRequest, because fetch does not report an upload's progress.
 * @param progress Called with the number of bytes sent.
 * @param signal Aborts the upload.
 */
export function put({ method, url, headers }, file, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      // Browsers set this header themselves and do not let a page set it.
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () =>
      request.status === 200 ? resolve() : reject(new ApiError(request.status, s3Message(request.responseText, request.status)));
    request.onerror = () => reject(new ApiError(0, 'The bucket is not reachable. Try again.'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function s3Message(xml, status) {
  const message = new DOMParser().parseFromString(xml, 'application/xml').querySelector('Error > Message');
  return message?.textContent ?? `The bucket returned status ${status}.`;
}
