/** Deletes all photos of a user, after a confirmation that says what will happen. */
export class DeleteAll {
  #button = document.getElementById('delete-all');
  #dialog = document.getElementById('delete-all-dialog');
  #text = document.getElementById('delete-all-text');
  #error = document.getElementById('delete-all-error');
  #no = document.getElementById('delete-all-no');
  #yes = document.getElementById('delete-all-yes');
  #session;
  #hasBegun = false;

  /** @param deleted Called with the session when photos were deleted, and whether it was all of them. */
  constructor(deleted) {
    this.#button.onclick = () => this.#confirm();
    this.#no.onclick = () => this.#dialog.close();
    this.#yes.onclick = () => this.#deleteAll(deleted);
    this.#dialog.onclose = () => {
      if (this.#hasBegun) deleted(this.#session, false);
    };
  }

  /** Offers to delete the photos of this session's user from now on. */
  switchTo(session) {
    this.#session = session;
    this.#button.disabled = false;
  }

  #confirm() {
    this.#hasBegun = false;
    this.#text.textContent =
      `All photos of ${this.#session.user.name} will be permanently deleted, also those that this page does not show yet. ` +
      'Uploads that are not finished will fail. You cannot undo this.';
    this.#error.hidden = true;
    this.#no.textContent = 'Keep them';
    this.#dialog.showModal();
  }

  async #deleteAll(deleted) {
    const session = this.#session;
    this.#hasBegun = true;
    this.#error.hidden = true;
    // A button that is disabled loses the focus.
    this.#no.textContent = 'Stop';
    this.#no.focus();
    this.#yes.disabled = true;
    try {
      // A call deletes as many photos as it has time for. Closing the dialog ends this.
      for (let remaining = true; remaining; ) {
        remaining = (await session.api.deleteAll())?.remaining;
        if (!this.#dialog.open) return;
      }
    } catch (error) {
      this.#error.textContent = error.message;
      this.#error.hidden = false;
      return;
    } finally {
      this.#yes.disabled = false;
    }
    this.#hasBegun = false;
    this.#dialog.close();
    deleted(session, true);
  }
}
