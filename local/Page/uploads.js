import { put } from './api.js';
import { formatSize } from './format.js';

const maxAtOnce = 3;

/** Types that some browsers do not derive from the file name. The API rejects files that are not photos. */
const typesByName = { avif: 'image/avif', heic: 'image/heic', heif: 'image/heic' };

/** The list of uploads. Three run at the same time. */
export class Uploads {
  #list = document.getElementById('uploads');
  #template = document.getElementById('upload-template');
  #waiting = [];
  #running = 0;
  #uploaded;
  #announce;

  /**
   * @param uploaded Called with each uploaded photo and its session.
   * @param announce Announces a text to screen readers.
   */
  constructor(uploaded, announce) {
    this.#uploaded = uploaded;
    this.#announce = announce;
  }

  add(files, session) {
    for (const file of files) {
      const row = this.#template.content.firstElementChild.cloneNode(true);
      row.querySelector('.name').textContent = file.name;
      row.querySelector('progress').setAttribute('aria-label', `Upload of ${file.name}`);
      row.querySelector('.retry').setAttribute('aria-label', `Try ${file.name} again`);
      this.#list.append(row);
      this.#enqueue(new Upload(file, session, row));
    }
  }

  #enqueue(upload) {
    this.#waiting.push(upload);
    upload.show('waiting', 'Waiting');
    upload.onDismiss('Cancel', () => {
      this.#waiting = this.#waiting.filter((other) => other !== upload);
      upload.remove();
    });
    this.#next();
  }

  async #next() {
    if (this.#running >= maxAtOnce || this.#waiting.length === 0) return;
    const upload = this.#waiting.shift();
    this.#running++;
    try {
      this.#uploaded(await upload.run(), upload.session);
      upload.remove();
      this.#announce(`${upload.file.name} was uploaded.`);
    } catch (error) {
      if (error.name !== 'AbortError') {
        upload.fail(error, () => this.#enqueue(upload));
        this.#announce(`${upload.file.name} failed. ${error.message}`);
      }
    } finally {
      this.#running--;
      this.#next();
    }
  }
}

class Upload {
  constructor(file, session, row) {
    this.file = file;
    this.session = session;
    this.row = row;
  }

  /** Requests a grant, uploads the bytes and writes the photo. @returns The photo. */
  async run() {
    const { file } = this;
    const { api } = this.session;
    const aborter = new AbortController();
    this.onDismiss('Cancel', () => {
      aborter.abort();
      this.remove();
    });
    this.show('uploading', 'Starting');
    const type = file.type || typesByName[file.name.split('.').pop().toLowerCase()] || 'application/octet-stream';
    const { id, upload } = await api.grant(file.name, type, file.size);
    aborter.signal.throwIfAborted();
    await put(upload, file, (sent) => this.#progress(sent), aborter.signal);
    this.show('uploading', 'Finishing');
    this.row.querySelector('.dismiss').hidden = true;
    return api.write(id, file.name);
  }

  /** Removes the row. If it had the focus, moves the focus to the button that starts the next upload. */
  remove() {
    const hadFocus = this.row.contains(document.activeElement);
    this.row.remove();
    if (hadFocus) document.getElementById('choose').focus();
  }

  show(state, text) {
    this.row.className = state;
    this.row.querySelector('.state').textContent = text;
  }

  fail(error, retry) {
    this.show('failed', error.message);
    // The API would reject the same request again. A photo that is gone (410) can be uploaded again, since a retry gets a new grant.
    const button = this.row.querySelector('.retry');
    button.hidden = error.status >= 400 && error.status < 500 && error.status !== 410;
    button.onclick = () => {
      button.hidden = true;
      retry();
    };
    this.onDismiss('Dismiss', () => this.remove());
  }

  onDismiss(word, action) {
    const button = this.row.querySelector('.dismiss');
    button.hidden = false;
    button.textContent = word;
    button.setAttribute('aria-label', `${word} the upload of ${this.file.name}`);
    button.onclick = action;
  }

  #progress(sent) {
    const bar = this.row.querySelector('progress');
    bar.max = this.file.size;
    bar.value = sent;
    this.show('uploading', `${formatSize(sent)} of ${formatSize(this.file.size)}`);
  }
}
