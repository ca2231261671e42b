/** An error of the API or the bucket, with its own message. */
export class ApiError extends Error {
  /**
   * @param status The HTTP status; 0 when there is no response.
   * @param code The kind of error, if the API named it.
   */
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A client of the album's API. */
export class AlbumApi {
  #user;

  /** @param user Has token(renew), which returns the ID token. If renew is true, it returns a new token if it can. */
  constructor(user) {
    this.#user = user;
  }

  /** @param order uploaded or taken, the same for each page. */
  list(order, next) {
    return this.#send('GET', `/photos?limit=24&order=${order}${next ? `&next=${encodeURIComponent(next)}` : ''}`);
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

  rename(id, name) {
    return this.#send('PATCH', `/photos/${id}`, { name });
  }

  /** Deletes up to 100 photos. Those in the response's retry are to be sent again. */
  deleteMany(ids) {
    return this.#send('POST', '/photos/deletions', { ids });
  }

  delete(id) {
    return this.#send('DELETE', `/photos/${id}`);
  }

  /** @returns An object whose remaining is true if the call must be sent again. */
  deleteAll() {
    return this.#send('DELETE', '/album');
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
    const { message, code } = await response.json().catch(() => ({}));
    throw new ApiError(response.status, message ?? `The API returned status ${response.status}.`, code);
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

/** How often an upload is sent before its error is shown. */
const maxAttempts = 3;

/**
 * Uploads a file to the bucket with an upload grant.
 * @param progress Called with the number of bytes sent.
 * @param signal Aborts the upload.
 */
export async function put(upload, file, progress, signal) {
  for (let attempt = 1; ; attempt++) {
    const { status, responseText } = await send(upload, file, progress, signal);
    // 412: the bucket already has the object, because an earlier response was lost.
    if (status === 200 || status === 412) return;
    // 409: the bucket is handling another request for the same object.
    const isTransient = status === 409 || status >= 500;
    if (!isTransient || attempt === maxAttempts) throw new ApiError(status, s3Message(responseText, status));
    await pause(1000 * attempt, signal);
  }
}

/** Uses XMLHttpRequest, because fetch does not report an upload's progress. */
function send({ method, url, headers }, file, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      // Browsers set this header themselves and do not let a page set it.
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new ApiError(0, 'The bucket is not reachable. Try again.'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function s3Message(xml, status) {
  // The document of a parser's error has a style, which the page's policy forbids.
  const message = xml.includes('<Message>') && new DOMParser().parseFromString(xml, 'application/xml').querySelector('Error > Message');
  return message ? message.textContent : `The bucket returned status ${status}.`;
}
