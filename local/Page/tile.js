import { formatDay, formatDayTaken, formatSize, formatType } from './format.js';
import { poll } from './poll.js';

const template = document.getElementById('photo-template');

/** A photo of the album: its thumbnail, or why it has none. */
export class Tile {
  #session;
  #deleted;
  #picture;
  #isVisible = false;
  #isRequested = false;
  #endPolling;

  /**
   * @param open Called when the user chooses the photo.
   * @param deleted Called when the photo turns out to be deleted.
   */
  constructor(photo, session, open, deleted) {
    this.photo = photo;
    this.#session = session;
    this.#deleted = deleted;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.id = photo.id;
    this.#picture = this.element.querySelector('.picture');
    this.button = this.element.querySelector('button');
    this.button.onclick = () => open(photo);
    this.#fill();
  }

  /** Takes newer data of the photo. A thumbnail that is shown stays. */
  update(photo) {
    Object.assign(this.photo, photo);
    this.#fill();
    if (this.#picture.childElementCount === 0) this.#load();
  }

  /** @param isSelected Whether the photo is selected; undefined while photos are opened and not selected. */
  setSelected(isSelected) {
    if (isSelected === undefined) this.button.removeAttribute('aria-pressed');
    else this.button.setAttribute('aria-pressed', `${isSelected}`);
  }

  /** Only a photo that is in view is loaded or polled. */
  setVisible(isVisible) {
    this.#isVisible = isVisible;
    this.#load();
  }

  remove() {
    this.#endPolling?.();
    this.element.remove();
  }

  #fill() {
    const { name, size, date, taken, status, contentType, width, height } = this.photo;
    this.element.className = status;
    this.element.querySelector('.name').textContent = name;
    this.element.querySelector('.size').textContent = formatSize(size);
    const time = this.element.querySelector('time');
    time.dateTime = taken ?? date;
    time.textContent = taken ? formatDayTaken(taken) : formatDay(date);
    const notes = { processing: 'Processing', unsupported: `${formatType(contentType)}, no preview` };
    this.element.querySelector('.note').textContent = notes[status] ?? '';
    this.#picture.style.setProperty('--ratio', status === 'ready' ? width / height : 1);
  }

  #load() {
    const { status, id } = this.photo;
    if (status === 'ready' && this.#isVisible && !this.#isRequested) this.#show();
    if (status === 'processing' && this.#isVisible) {
      this.#endPolling ??= poll(id, this.#session.api, (photo) => (photo ? this.update(photo) : this.#deleted(this.photo)));
    } else {
      this.#endPolling?.();
      this.#endPolling = undefined;
    }
  }

  async #show() {
    this.#isRequested = true;
    try {
      this.#picture.replaceChildren(await this.#session.pictures.load(this.photo, 'thumbnail'));
    } catch {
      // Tried again when the photo is listed again or comes into view again.
      this.#isRequested = false;
      this.element.className = 'failed';
      this.element.querySelector('.note').textContent = 'Not loaded';
    }
  }
}
