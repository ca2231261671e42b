/** Asks for confirmation before something is deleted for good. */
export class Confirmation {
  #dialog = document.getElementById('confirm');
  #title = document.getElementById('confirm-title');
  #text = document.getElementById('confirm-text');
  #error = document.getElementById('confirm-error');
  #yes = document.getElementById('confirm-yes');
  #question;

  constructor() {
    document.getElementById('confirm-no').onclick = () => this.#dialog.close();
    this.#yes.onclick = () => this.#run();
  }

  /**
   * @param action Deletes. If it fails, the dialog shows its message, and the user can try again.
   * @param done Called when it has succeeded and the dialog is closed.
   */
  ask(title, text, action, done) {
    this.#question = { action, done };
    this.#title.textContent = title;
    this.#text.textContent = text;
    this.#error.hidden = true;
    this.#dialog.showModal();
  }

  async #run() {
    const question = this.#question;
    this.#yes.disabled = true;
    try {
      await question.action();
    } catch (error) {
      this.#error.textContent = error.message;
      this.#error.hidden = false;
      return;
    } finally {
      this.#yes.disabled = false;
    }
    // The user may have closed the dialog meanwhile, and been asked something else.
    if (question === this.#question) this.#dialog.close();
    question.done();
  }
}
