import { put } from './api.js';
import { formatShare, formatSize } from './format.js';

const maxAtOnce = 3;

/** Browsers give some of these files an empty type or a general one. The API rejects files that are not photos. */
const typesByExtension = {
  avif: 'image/avif',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heic',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
};

/** The statuses with which the API would reject the same request again. */
const finalStatuses = [400, 401, 413, 415];

/** The list of uploads. Three run at the same time. */
export class Uploads {
  #list = document.getElementById('uploads');
  #total = document.getElementById('uploads-total');
  #template = document.getElementById('upload-template');
  #rows = new Set();
  /** The uploads that were added since the last time when none was active. */
  #batch = new Set();
  #waiting = [];
  #running = 0;
  #session;
  #uploaded;
  #announce;
  #maxBytes;

  /**
   * @param uploaded Called with each uploaded photo and its session.
   * @param announce Announces a text to screen readers.
   * @param maxBytes The largest photo that the API accepts, if it is known.
   */
  constructor(uploaded, announce, maxBytes) {
    this.#uploaded = uploaded;
    this.#announce = announce;
    this.#maxBytes = maxBytes;
    this.#total.querySelector('button').onclick = () => this.#cancelAll();
  }

  add(files, session) {
    for (const file of files) {
      const row = this.#template.content.firstElementChild.cloneNode(true);
      row.querySelector('.name').textContent = file.name;
      row.querySelector('.owner').textContent = `In ${session.user.name}’s album`;
      row.querySelector('progress').setAttribute('aria-label', `Upload of ${file.name}`);
      row.querySelector('.retry').setAttribute('aria-label', `Try ${file.name} again`);
      this.#list.append(row);
      const upload = new Upload(file, session, row, () => this.#update());
      this.#rows.add(upload);
      this.#enqueue(upload);
    }
  }

  /** Shows the owner of each upload whose album is not shown now. */
  switchTo(session) {
    this.#session = session;
    for (const upload of this.#rows) {
      upload.row.querySelector('.owner').hidden = !this.#isForeign(upload);
    }
  }

  #isForeign({ session }) {
    return session.user.name !== this.#session.user.name;
  }

  #enqueue(upload) {
    this.#batch.add(upload);
    this.#waiting.push(upload);
    upload.onCancel(() => {
      this.#waiting = this.#waiting.filter((other) => other !== upload);
      this.#remove(upload);
    });
    upload.show('waiting', 'Waiting');
    this.#next();
  }

  async #next() {
    if (this.#running >= maxAtOnce || this.#waiting.length === 0) return;
    const upload = this.#waiting.shift();
    const { name } = upload.file;
    this.#running++;
    try {
      const photo = await upload.run(() => this.#remove(upload));
      this.#uploaded(photo, upload.session);
      this.#rows.delete(upload);
      upload.finish();
      this.#announce(this.#isForeign(upload) ? `${name} was uploaded to ${upload.session.user.name}’s album.` : `${name} was uploaded.`);
    } catch (error) {
      if (error.name !== 'AbortError') {
        upload.fail(error.status, this.#explain(error), () => this.#enqueue(upload), () => this.#remove(upload));
        this.#announce(`${name} failed. ${upload.text}`);
      }
    } finally {
      this.#running--;
      this.#next();
    }
  }

  /** The API's message gives the limit in bytes, and the page gives every size in the same units. */
  #explain({ code, message }) {
    const isTooLarge = code === 'PhotoTooLarge' && this.#maxBytes;
    return isTooLarge ? `The photo is larger than ${formatSize(this.#maxBytes)}. Choose a smaller one.` : message;
  }

  /** Removes an upload that was canceled or dismissed. */
  #remove(upload) {
    this.#rows.delete(upload);
    this.#batch.delete(upload);
    upload.remove();
    this.#update();
  }

  #cancelAll() {
    for (const upload of [...this.#batch]) {
      if (upload.isActive) upload.cancel?.();
    }
    document.getElementById('choose').focus();
    this.#announce('The uploads were canceled.');
  }

  /** Shows how much of a long batch is uploaded. While an upload is active, the browser asks before the page is left. */
  #update() {
    const batch = [...this.#batch];
    if (!batch.some((upload) => upload.isActive)) {
      this.#batch.clear();
      this.#total.hidden = true;
      removeEventListener('beforeunload', askBeforeLeaving);
      return;
    }
    addEventListener('beforeunload', askBeforeLeaving);
    const count = (state) => batch.filter((upload) => upload.state === state).length;
    const failed = count('failed');
    const sent = batch.reduce((sum, upload) => sum + upload.sent, 0);
    const size = batch.reduce((sum, upload) => sum + upload.file.size, 0);
    this.#total.hidden = batch.length <= maxAtOnce;
    this.#total.querySelector('span').textContent =
      `${count('done')} of ${batch.length} uploaded${failed > 0 ? `, ${failed} failed` : ''} · ${formatShare(sent, size)}`;
    Object.assign(this.#total.querySelector('progress'), { max: size, value: sent });
  }
}

function askBeforeLeaving(event) {
  event.preventDefault();
}

class Upload {
  #grant;
  #isStored = false;
  #changed;

  /** The bytes that were sent. */
  sent = 0;

  /** Cancels the upload; undefined when it is too late for that. */
  cancel;

  /** @param changed Called after each change of the state or of the bytes sent. */
  constructor(file, session, row, changed) {
    this.file = file;
    this.session = session;
    this.row = row;
    this.#changed = changed;
  }

  get isActive() {
    return this.state === 'waiting' || this.state === 'uploading';
  }

  /**
   * Requests a grant, uploads the bytes and writes the photo. After a failure, continues with the step that failed.
   * @param canceled Called when the user cancels the upload.
   * @returns The photo.
   */
  async run(canceled) {
    const { api } = this.session;
    const aborter = new AbortController();
    this.onCancel(() => {
      aborter.abort();
      canceled();
    });
    this.show('uploading', 'Starting');
    if (!this.#isStored) await this.#store(api, aborter.signal);
    this.onCancel(undefined);
    this.show('uploading', 'Finishing');
    try {
      return await api.write(this.#grant.id, this.file.name);
    } catch (error) {
      // The bucket does not have the object, or the photo is gone: a grant is written once, and for 7 days.
      if (error.status === 409 || error.status === 410) this.#isStored = false;
      if (error.status === 410) this.#grant = undefined;
      throw error;
    }
  }

  /** Uploads the bytes, with the grant of an earlier try if its URL has not expired. */
  async #store(api, signal) {
    const earlier = this.#grant;
    this.#grant ??= await this.#requestGrant(api, signal);
    try {
      await this.#put(signal);
    } catch (error) {
      if (error.status !== 403 || !earlier) throw error;
      this.#grant = await this.#requestGrant(api, signal);
      await this.#put(signal);
    }
    this.#isStored = true;
    this.#progress(this.file.size);
  }

  async #requestGrant(api, signal) {
    const { name, type, size } = this.file;
    const hasType = type !== '' && type !== 'application/octet-stream';
    const derived = typesByExtension[name.split('.').pop().toLowerCase()] ?? 'application/octet-stream';
    const grant = await api.grant(name, hasType ? type : derived, size);
    signal.throwIfAborted();
    return grant;
  }

  #put(signal) {
    return put(this.#grant.upload, this.file, (sent) => this.#progress(sent), signal);
  }

  finish() {
    this.show('done', 'Uploaded');
    this.remove();
  }

  /** Removes the row. If it had the focus, moves the focus to the button that starts the next upload. */
  remove() {
    const hadFocus = this.row.contains(document.activeElement);
    this.row.remove();
    if (hadFocus) document.getElementById('choose').focus();
  }

  show(state, text) {
    this.state = state;
    this.text = text;
    this.row.className = state;
    this.row.querySelector('.state').textContent = text;
    this.#changed();
  }

  fail(status, message, retry, dismiss) {
    if (!this.#isStored) this.sent = 0;
    const button = this.row.querySelector('.retry');
    button.hidden = finalStatuses.includes(status);
    button.onclick = () => {
      button.hidden = true;
      retry();
    };
    this.cancel = undefined;
    this.#onDismiss('Dismiss', dismiss);
    this.show('failed', message);
  }

  /** @param cancel Called when the user cancels the upload; undefined when it is too late for that. */
  onCancel(cancel) {
    this.cancel = cancel;
    this.#onDismiss('Cancel', cancel);
  }

  #onDismiss(word, action) {
    const button = this.row.querySelector('.dismiss');
    button.hidden = !action;
    button.textContent = word;
    button.setAttribute('aria-label', `${word} the upload of ${this.file.name}`);
    button.onclick = action;
  }

  #progress(sent) {
    this.sent = sent;
    Object.assign(this.row.querySelector('progress'), { max: this.file.size, value: sent });
    this.show('uploading', formatShare(sent, this.file.size));
  }
}
