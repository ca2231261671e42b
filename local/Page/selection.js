/** How many photos one request deletes at most, and how long to wait before the rest is sent again. */
const maxAtOnce = 100;
const retryDelay = 1000;

/** Lets the user select photos of the album and delete them together. */
export class Selection {
  #start = document.getElementById('select');
  #bar = document.getElementById('selection');
  #count = document.getElementById('selection-count');
  #delete = document.getElementById('selection-delete');
  #album;
  #confirmation;
  #announce;
  #session;
  /** The ids; undefined while a chosen photo is opened. */
  #ids;

  constructor(album, confirmation, announce) {
    this.#album = album;
    this.#confirmation = confirmation;
    this.#announce = announce;
    this.#start.onclick = () => (this.#ids ? this.#end() : this.#set(new Set()));
    this.#delete.onclick = () => this.#confirm();
    addEventListener('keydown', ({ key, target }) => key === 'Escape' && this.#ids && !target.closest('dialog') && this.#end());
  }

  get isActive() {
    return this.#ids !== undefined;
  }

  /** Begins with an album in which nothing is selected. */
  reset(session) {
    this.#session = session;
    this.#start.disabled = false;
    this.#set(undefined);
  }

  toggle({ id }) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#set(this.#ids);
  }

  #end() {
    this.#set(undefined);
    this.#start.focus();
  }

  #set(ids) {
    this.#ids = ids;
    this.#album.select(ids);
    this.#start.setAttribute('aria-pressed', `${this.isActive}`);
    this.#bar.hidden = !this.isActive;
    this.#count.textContent = ids && (ids.size === 0 ? 'Choose the photos to delete.' : `${ids.size} selected`);
    this.#delete.disabled = !ids?.size;
  }

  #confirm() {
    const session = this.#session;
    const ids = [...this.#ids];
    const what = countOf(ids.length);
    const were = ids.length === 1 ? 'was' : 'were';
    this.#confirmation.ask(`Delete ${what}?`, `${what} will be permanently deleted.`, () => this.#run(ids, session), () => {
      this.#announce(`${what} ${were} deleted.`);
      if (session !== this.#session) return;
      this.#end();
      if (this.#album.isEmpty) document.getElementById('choose').focus();
    });
  }

  /** Deletes the photos, and takes each from the page as soon as it is deleted. When it fails, the others stay selected. */
  async #run(ids, session) {
    while (ids.length > 0) {
      const { deleted, notFound, retry } = await session.api.deleteMany(ids.slice(0, maxAtOnce));
      for (const id of [...deleted, ...notFound]) {
        session.pictures.forget(id);
        if (session === this.#session) this.#album.drop(id);
      }
      ids.splice(0, maxAtOnce, ...retry);
      if (session === this.#session && this.#ids) this.#set(new Set(ids));
      if (retry.length > 0) await new Promise((resolve) => setTimeout(resolve, retryDelay));
    }
  }
}

function countOf(photos) {
  return photos === 1 ? '1 photo' : `${photos} photos`;
}
