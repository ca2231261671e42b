import { formatMoment, formatMomentTaken, formatSize, formatType } from './format.js';
import { poll } from './poll.js';

/** Shows one photo as large as the window allows, renames it, and asks for confirmation before it is deleted. */
export class Viewer {
  #dialog = document.getElementById('viewer');
  #picture = document.getElementById('viewer-picture');
  #note = document.getElementById('viewer-note');
  #error = document.getElementById('viewer-error');
  #previous = document.getElementById('viewer-previous');
  #following = document.getElementById('viewer-next');
  #close = document.getElementById('viewer-close');
  #name = document.getElementById('viewer-name');
  #rename = document.getElementById('viewer-rename');
  #form = document.getElementById('rename');
  #newName = document.getElementById('rename-name');
  #save = document.getElementById('rename-save');
  #album;
  #confirmation;
  #session;
  #deleted;
  #photo;
  #endPolling;

  /**
   * @param album The photos to go through.
   * @param confirmation Asks before a photo is deleted.
   * @param deleted Called with each deleted photo and its session.
   */
  constructor(album, confirmation, deleted) {
    this.#album = album;
    this.#confirmation = confirmation;
    this.#deleted = deleted;
    this.#previous.onclick = () => this.#go(-1);
    this.#following.onclick = () => this.#go(1);
    this.#close.onclick = () => this.#dialog.close();
    document.getElementById('viewer-download').onclick = () => this.#download();
    document.getElementById('viewer-delete').onclick = () => this.#confirmDelete();
    this.#rename.onclick = () => this.#beginRename();
    document.getElementById('rename-cancel').onclick = () => this.#endRename();
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      this.#saveName();
    };
    this.#dialog.onkeydown = (event) => {
      if (this.#form.contains(event.target)) {
        if (event.key !== 'Escape') return;
        // Otherwise the key would close the dialog.
        event.preventDefault();
        this.#endRename();
      }
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step && !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.#go(step);
    };
    // A click outside the photo, on the dialog itself, closes it too. If the handler returned false, it would cancel other clicks.
    this.#dialog.onclick = ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    };
    this.#dialog.onclose = () => {
      this.#album.focus(this.#photo.id);
      this.#photo = undefined;
      this.#form.hidden = true;
      this.#endPolling?.();
      this.#picture.replaceChildren();
    };
  }

  open(photo, session) {
    this.#session = session;
    this.#show(photo);
    this.#dialog.showModal();
  }

  async #go(step) {
    const from = this.#photo;
    const photo = await this.#album.neighbor(from.id, step);
    if (from !== this.#photo) return;
    if (photo) this.#show(photo);
    else this.#updateSteps();
  }

  #show(photo) {
    this.#photo = photo;
    this.#error.hidden = true;
    this.#showName(photo);
    this.#showPicture(photo);
    this.#updateSteps();
  }

  #showPicture(photo) {
    const { id, status, size, date, taken, width, height, contentType } = photo;
    const facts = [taken ? `Taken ${formatMomentTaken(taken)}` : `Added ${formatMoment(date)}`, width && `${width} × ${height}`, formatSize(size)];
    document.getElementById('viewer-facts').textContent = facts.filter(Boolean).join(' · ');
    const notes = {
      processing: 'This photo is being processed.',
      unsupported: `This ${formatType(contentType)} file has no preview. Download it to open it.`,
    };
    this.#showNote(notes[status]);
    this.#picture.replaceChildren();
    this.#endPolling?.();
    this.#endPolling = undefined;
    if (status === 'processing') {
      this.#endPolling = poll(id, this.#session.api, (newer) => this.#update(photo, newer));
    } else if (status === 'ready') {
      this.#picture.style.setProperty('--ratio', width / height);
      this.#picture.style.setProperty('--width', `${width}px`);
      this.#showRenditions(photo);
    }
  }

  #showName(photo) {
    this.#name.textContent = photo.name;
    this.#picture.querySelector('img')?.setAttribute('alt', photo.name);
    this.#name.parentElement.hidden = false;
    this.#rename.hidden = false;
    this.#form.hidden = true;
  }

  /** Puts a field in the place of the name. */
  #beginRename() {
    this.#newName.value = this.#photo.name;
    this.#name.parentElement.hidden = true;
    this.#rename.hidden = true;
    this.#form.hidden = false;
    this.#newName.select();
  }

  #endRename() {
    this.#error.hidden = true;
    this.#showName(this.#photo);
    this.#rename.focus();
  }

  async #saveName() {
    const photo = this.#photo;
    this.#save.disabled = true;
    try {
      Object.assign(photo, await this.#session.api.rename(photo.id, this.#newName.value));
      this.#album.update(photo);
      if (photo === this.#photo) this.#endRename();
    } catch (error) {
      if (photo === this.#photo) this.#showError(error.message);
    } finally {
      this.#save.disabled = false;
    }
  }

  #update(photo, newer) {
    if (newer) {
      Object.assign(photo, newer);
      this.#album.update(photo);
      this.#showPicture(photo);
    } else {
      this.#showNote('This photo was deleted.');
    }
  }

  /** Shows the thumbnail, which the browser has already, until the preview is there. */
  async #showRenditions(photo) {
    const { pictures } = this.#session;
    let hasPreview = false;
    const show = (image) => {
      if (photo !== this.#photo) return;
      image.alt = photo.name;
      this.#picture.replaceChildren(image);
    };
    pictures.load(photo, 'thumbnail').then((image) => hasPreview || show(image), () => {});
    try {
      const preview = await pictures.load(photo, 'preview');
      hasPreview = true;
      show(preview);
    } catch (error) {
      if (photo === this.#photo) this.#showError(`The preview could not be loaded. Check your connection, then open the photo again. (${error.message})`);
    }
  }

  #showNote(text) {
    this.#note.textContent = text ?? '';
    this.#note.hidden = !text;
    this.#picture.hidden = Boolean(text);
  }

  #showError(text) {
    this.#error.textContent = text;
    this.#error.hidden = false;
  }

  /** A button that is disabled loses the focus. */
  #updateSteps() {
    const buttons = [this.#previous, this.#following];
    const focused = buttons.find((button) => button === document.activeElement);
    this.#previous.disabled = !this.#album.hasNeighbor(this.#photo.id, -1);
    this.#following.disabled = !this.#album.hasNeighbor(this.#photo.id, 1);
    if (focused?.disabled) (buttons.find((button) => !button.disabled) ?? this.#close).focus();
  }

  /** The bucket sends the original as an attachment under the photo's name. Its URL is requested now, because URLs expire. */
  async #download() {
    try {
      location.assign((await this.#session.api.get(this.#photo.id)).downloadUrl);
    } catch (error) {
      this.#showError(error.message);
    }
  }

  #confirmDelete() {
    const photo = this.#photo;
    const session = this.#session;
    this.#confirmation.ask('Delete this photo?', `“${photo.name}” will be permanently deleted.`, () => remove(photo.id, session.api), () => {
      this.#dialog.close();
      session.pictures.forget(photo.id);
      this.#deleted(photo, session);
    });
  }
}

async function remove(id, api) {
  try {
    await api.delete(id);
  } catch (error) {
    // 404: the photo has already been deleted.
    if (error.status !== 404) throw error;
  }
}
