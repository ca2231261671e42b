import { ApiError } from './api.js';

const prefix = 'pictures/';

/** The most renditions that are kept of each user: about 40 MB of thumbnails and 50 MB of previews. */
const limits = { thumbnail: 1000, preview: 100 };

/** How long to wait before the oldest pictures are removed, so that it happens once for many that arrive together. */
const trimDelay = 1000;

/**
 * The renditions of one user's photos. The browser keeps them by photo and not by URL, because the same picture has other URLs
 * later, and from each execution environment of a function. Without the Cache API, each visit downloads them again.
 */
export class Pictures {
  #api;
  #name;
  #trimming;
  #forgotten = new Set();

  constructor(user, api) {
    this.#api = api;
    this.#name = `${prefix}${user.id}`;
  }

  /** Removes the pictures of all other users from this browser. */
  removeOthers() {
    return this.#removeCaches((name) => name !== this.#name);
  }

  /** Removes the pictures of all users from this browser. */
  removeAll() {
    return this.#removeCaches(() => true);
  }

  async #removeCaches(isRemoved) {
    try {
      const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && isRemoved(name));
      await Promise.all(names.map((name) => caches.delete(name)));
    } catch {
      // This browser has no Cache API, or does not let this page use it. Nothing was kept.
    }
  }

  /**
   * Loads a rendition, or takes the one that was kept.
   * @param photo A photo that is ready. Gets new URLs if its own have expired.
   * @param rendition thumbnail or preview.
   * @returns A decoded image.
   */
  async load(photo, rendition) {
    const cache = await this.#open();
    const key = keyOf(photo.id, rendition);
    const kept = await cache?.match(key).catch(() => undefined);
    if (kept) return decode(await kept.blob());
    const blob = await this.#download(photo, rendition);
    const image = await decode(blob);
    if (cache) this.#keep(cache, photo.id, key, blob);
    return image;
  }

  /** Removes the pictures of a photo that was deleted. */
  async forget(id) {
    this.#forgotten.add(id);
    const cache = await this.#open();
    await Promise.all(Object.keys(limits).map((rendition) => cache?.delete(keyOf(id, rendition))));
  }

  /**
   * Removes the pictures of photos that were deleted elsewhere: a part of the album does not list them.
   * @param ids The ids of the part.
   * @param before The part has only smaller ids; undefined if it begins with the newest photo.
   * @param last The smallest id of the part; undefined if it ends with the oldest photo.
   */
  async forgetUnlisted(ids, before, last) {
    const listed = new Set(ids);
    const cache = await this.#open();
    for (const request of (await cache?.keys()) ?? []) {
      const id = idOf(request);
      const isInPart = (before === undefined || id < before) && (last === undefined || id >= last);
      if (isInPart && !listed.has(id)) await cache.delete(request);
    }
  }

  /** @returns undefined if this browser has no Cache API, or does not let this page use it. */
  async #open() {
    try {
      return await caches.open(this.#name);
    } catch {
      return undefined;
    }
  }

  async #download(photo, rendition) {
    const name = `${rendition}Url`;
    let response = photo[name] && (await fetch(photo[name]));
    // 400: the credentials that signed the URL have expired. 403: the URL has.
    if (!response || response.status === 400 || response.status === 403) {
      Object.assign(photo, await this.#api.get(photo.id));
      if (!photo[name]) throw new ApiError(404, `The photo has no ${rendition}.`);
      response = await fetch(photo[name]);
    }
    if (!response.ok) throw new ApiError(response.status, `The bucket returned status ${response.status}.`);
    return response.blob();
  }

  async #keep(cache, id, key, blob) {
    try {
      await cache.put(key, new Response(blob));
      // The photo may have been deleted during the download.
      if (this.#forgotten.has(id)) await cache.delete(key);
      this.#trimming ??= setTimeout(() => this.#trim(cache), trimDelay);
    } catch {
      // The browser's storage is full. The picture is downloaded again when it is shown again.
    }
  }

  /** Removes what was kept first, beyond the limits. */
  async #trim(cache) {
    this.#trimming = undefined;
    const requests = await cache.keys();
    for (const [rendition, limit] of Object.entries(limits)) {
      const ofRendition = requests.filter(({ url }) => url.endsWith(`/${rendition}`));
      for (const request of ofRendition.slice(0, -limit)) await cache.delete(request);
    }
  }
}

function keyOf(id, rendition) {
  return `/pictures/${id}/${rendition}`;
}

function idOf(request) {
  return new URL(request.url).pathname.split('/')[2];
}

/** Decoded before it is on the page, so that it appears at once. */
async function decode(blob) {
  const url = URL.createObjectURL(blob);
  try {
    const image = Object.assign(new Image(), { alt: '', src: url });
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}
