import { timeTaken } from './format.js';
import { Tile } from './tile.js';

/** The orders of the API: negative if the first photo is before the second. */
const orders = {
  uploaded: (a, b) => (a.id > b.id ? -1 : 1),
  taken: (a, b) => timeTaken(b) - timeTaken(a),
};

/** One user's photos, newest first, loaded page by page. */
export class Album {
  #section = document.getElementById('album');
  #title = document.getElementById('album-title');
  #list = document.getElementById('photos');
  #empty = document.getElementById('empty');
  #error = document.getElementById('album-error');
  #more = document.getElementById('more');
  #reload = document.getElementById('reload');
  #order = document.getElementById('order');
  #session;
  #tiles = new Map();
  #next;
  /** The id of the last photo that was listed. */
  #last;
  #load;
  #isStale = false;
  #open;
  /** The ids of the photos that are selected; undefined while a chosen photo is opened. */
  #selected;
  #atEnd = new IntersectionObserver(([more]) => more.isIntersecting && this.#loadMore(), { rootMargin: '400px' });
  #inView = new IntersectionObserver(
    (entries) => entries.forEach(({ target, isIntersecting }) => this.#tiles.get(target.dataset.id)?.setVisible(isIntersecting)),
    { rootMargin: '100px' },
  );

  /** @param open Called when the user chooses a photo. */
  constructor(open) {
    this.#open = open;
    this.#more.onclick = () => this.#showMore();
    this.#reload.onclick = () => this.#refresh();
    this.#order.value = localStorage.getItem('order') === 'taken' ? 'taken' : 'uploaded';
    this.#order.onchange = () => {
      localStorage.setItem('order', this.#order.value);
      if (this.#session) this.show(this.#session);
    };
    this.#error.querySelector('button').onclick = () => this.#loadMore();
    this.#atEnd.observe(this.#more);
  }

  /** Shows a user's album, beginning with the newest photo. */
  async show(session) {
    this.#session = session;
    this.#next = undefined;
    this.#title.textContent = `${session.user.name}’s album`;
    [...this.#tiles.keys()].forEach((id) => this.drop(id));
    this.#empty.hidden = true;
    this.#more.hidden = true;
    this.#reload.disabled = false;
    await this.#refresh();
  }

  /** Continues after the API was not reachable. */
  recover() {
    if (!this.#error.hidden) this.#loadMore();
  }

  /** Adds a photo that was uploaded. The response of a load that is running may not have it yet. */
  add(photo) {
    this.#load?.added.push(photo);
    this.#insert(photo);
  }

  /** Inserts a photo, or takes newer data of it. */
  #insert(photo) {
    const known = this.#tiles.get(photo.id);
    if (known) {
      known.update(photo);
      this.#place(known);
      return;
    }
    const session = this.#session;
    const tile = new Tile(photo, session, () => this.#open(photo, session), () => this.#forget(photo, session));
    tile.setSelected(this.#selected?.has(photo.id));
    this.#tiles.set(photo.id, tile);
    this.#place(tile);
    this.#inView.observe(tile.element);
    this.#empty.hidden = true;
  }

  /** Puts a tile in its place, after those with the same time. One that is there stays, because it may have the focus. */
  #place({ element, photo }) {
    const compare = orders[this.#order.value];
    const isBefore = (other) => compare(this.#tiles.get(other.dataset.id).photo, photo) <= 0;
    const { previousElementSibling: previous, nextElementSibling: next } = element;
    const isPlaced = element.parentElement && (!previous || isBefore(previous)) && (!next || compare(photo, this.#tiles.get(next.dataset.id).photo) <= 0);
    if (!isPlaced) this.#list.insertBefore(element, [...this.#list.children].find((other) => other !== element && !isBefore(other)) ?? null);
  }

  /** Takes newer data of a photo. */
  update(photo) {
    this.#tiles.get(photo.id)?.update(photo);
  }

  get isEmpty() {
    return this.#tiles.size === 0;
  }

  /** Shows which photos are selected; undefined while photos are opened and not selected. */
  select(ids) {
    this.#selected = ids;
    this.#tiles.forEach((tile, id) => tile.setSelected(ids?.has(id)));
  }

  /** Removes a photo and moves the focus to the next one. */
  remove(id) {
    const neighbor = this.#find(id, 1) ?? this.#find(id, -1);
    this.drop(id);
    (neighbor?.button ?? document.getElementById('choose')).focus();
  }

  /** Removes a photo. */
  drop(id) {
    const tile = this.#tiles.get(id);
    if (!tile) return;
    this.#inView.unobserve(tile.element);
    this.#tiles.delete(id);
    tile.remove();
    this.#empty.hidden = this.#tiles.size > 0 || this.#next !== undefined;
  }

  /** Moves the focus to a photo. */
  focus(id) {
    this.#tiles.get(id)?.button.focus();
  }

  /** Whether there is a photo after this one (step 1) or before it (-1). */
  hasNeighbor(id, step) {
    return this.#find(id, step) !== undefined || (step === 1 && this.#next !== undefined);
  }

  /** The photo after this one (step 1) or before it (-1), from the next page if need be. */
  async neighbor(id, step) {
    if (!this.#find(id, step) && this.hasNeighbor(id, step)) await this.#loadMore();
    return this.#find(id, step)?.photo;
  }

  #find(id, step) {
    const element = this.#tiles.get(id)?.element;
    return this.#tiles.get((step === 1 ? element?.nextElementSibling : element?.previousElementSibling)?.dataset.id);
  }

  /** Removes a photo that was deleted elsewhere. */
  #forget({ id }, session) {
    session.pictures.forget(id);
    const hadFocus = this.#tiles.get(id)?.element.contains(document.activeElement);
    if (hadFocus) this.remove(id);
    else this.drop(id);
  }

  /** Loads the next page and moves the focus to its first photo. */
  async #showMore() {
    const last = this.#list.lastElementChild;
    await this.#loadMore();
    last?.nextElementSibling?.querySelector('button').focus();
  }

  /** Replaces the photos by the newest ones. They stay on the page until the response is there. */
  async #refresh() {
    this.#isStale = true;
    this.#load = undefined;
    await this.#loadMore();
  }

  /** Loads the next page, unless a load is running. Returns when the page is there. */
  #loadMore() {
    // Identifies this load. The response of one that a later load has replaced is ignored.
    const load = { added: [] };
    if (!this.#load) {
      this.#load = load;
      load.done = this.#run(load);
    }
    return this.#load.done;
  }

  async #run(load) {
    const { api, pictures } = this.#session;
    this.#section.setAttribute('aria-busy', 'true');
    this.#error.hidden = true;
    try {
      const before = this.#isStale ? undefined : this.#last;
      const { photos, next } = await api.list(this.#order.value, this.#isStale ? undefined : this.#next);
      if (load !== this.#load) return;
      const ids = [...photos, ...load.added].map(({ id }) => id);
      if (this.#isStale) [...this.#tiles.keys()].filter((id) => !ids.includes(id)).forEach((id) => this.drop(id));
      this.#isStale = false;
      [...photos, ...load.added].forEach((photo) => this.#insert(photo));
      this.#next = next;
      const last = photos.at(-1)?.id;
      this.#last = last ?? before;
      this.#more.hidden = next === undefined;
      this.#empty.hidden = this.#tiles.size > 0;
      // A page in the other order has not all photos between two ids, unless it is the only one.
      const hasAll = this.#order.value === 'uploaded' || (before === undefined && next === undefined);
      if (hasAll && (last || next === undefined)) pictures.forgetUnlisted(ids, before, next && last);
    } catch (error) {
      if (load !== this.#load) return;
      this.#error.querySelector('p').textContent = error.message;
      this.#error.hidden = false;
      this.#more.hidden = true;
    } finally {
      if (load === this.#load) {
        this.#load = undefined;
        // Observed again, because the button is still visible when the page did not fill the window.
        this.#atEnd.unobserve(this.#more);
        this.#atEnd.observe(this.#more);
        this.#section.setAttribute('aria-busy', 'false');
      }
    }
  }
}
