import { showImage } from './album.js';
import { formatMoment, formatSize } from './format.js';

/** Shows one photo at full size, and asks for confirmation before it is deleted. */
export class Viewer {
  #dialog = document.getElementById('viewer');
  #image = document.getElementById('viewer-image');
  #problem = document.getElementById('viewer-problem');
  #confirm = document.getElementById('confirm');
  #confirmError = document.getElementById('confirm-error');
  #confirmYes = document.getElementById('confirm-yes');
  #photo;
  #session;
  #deleted;

  /** @param deleted Called with each deleted photo and its session. */
  constructor(deleted) {
    this.#deleted = deleted;
    document.getElementById('viewer-close').onclick = () => this.#dialog.close();
    document.getElementById('viewer-delete').onclick = () => this.#confirmDelete();
    document.getElementById('confirm-no').onclick = () => this.#confirm.close();
    this.#confirmYes.onclick = () => this.#delete();
    // A click outside the photo, on the dialog itself, closes it too.
    this.#dialog.onclick = (event) => event.target === this.#dialog && this.#dialog.close();
    this.#dialog.onclose = () => this.#image.removeAttribute('src');
  }

  open(photo, session) {
    this.#photo = photo;
    this.#session = session;
    document.getElementById('viewer-name').textContent = photo.name;
    document.getElementById('viewer-facts').textContent = `${formatSize(photo.size)} · ${formatMoment(photo.date)}`;
    this.#image.alt = photo.name;
    this.#image.hidden = false;
    this.#problem.hidden = true;
    showImage(this.#image, photo, session.api, () => {
      this.#image.hidden = true;
      this.#problem.hidden = false;
      this.#problem.textContent = `This browser cannot show ${photo.contentType}.`;
    });
    this.#dialog.showModal();
  }

  #confirmDelete() {
    document.getElementById('confirm-text').textContent = `“${this.#photo.name}” will be permanently deleted.`;
    this.#confirmError.hidden = true;
    this.#confirm.showModal();
  }

  async #delete() {
    this.#confirmYes.disabled = true;
    try {
      await this.#session.api.delete(this.#photo.id);
    } catch (error) {
      // 404: the photo has already been deleted.
      if (error.status !== 404) {
        this.#confirmError.textContent = error.message;
        this.#confirmError.hidden = false;
        return;
      }
    } finally {
      this.#confirmYes.disabled = false;
    }
    this.#confirm.close();
    this.#dialog.close();
    this.#deleted(this.#photo, this.#session);
  }
}
