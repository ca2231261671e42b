import { formatDay, formatSize } from './format.js';

/** One user's photos, newest first, loaded page by page. */
export class Album {
  #section = document.getElementById('album');
  #title = document.getElementById('album-title');
  #list = document.getElementById('photos');
  #empty = document.getElementById('empty');
  #error = document.getElementById('album-error');
  #more = document.getElementById('more');
  #reload = document.getElementById('reload');
  #template = document.getElementById('photo-template');
  #session;
  #next;
  #load;
  #isStale = false;
  #open;
  #atEnd = new IntersectionObserver(([more]) => more.isIntersecting && this.#loadMore(), { rootMargin: '400px' });

  /** @param open Shows a photo in the viewer. */
  constructor(open) {
    this.#open = open;
    this.#more.onclick = () => this.#showMore();
    this.#reload.onclick = () => this.#refresh();
    this.#error.querySelector('button').onclick = () => this.#loadMore();
    this.#atEnd.observe(this.#more);
  }

  /** Shows a user's album, beginning with the newest photo. */
  async show(session) {
    this.#session = session;
    this.#next = undefined;
    this.#title.textContent = `${session.user.name}’s album`;
    this.#list.replaceChildren();
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

  /** Inserts a photo in the order of the ids, which begin with the time. */
  #insert(photo) {
    if (this.#tile(photo.id)) return;
    const older = [...this.#list.children].find((tile) => tile.dataset.id < photo.id);
    this.#list.insertBefore(this.#createTile(photo), older ?? null);
    this.#empty.hidden = true;
  }

  /** Removes a photo and moves the focus to the next one. */
  remove(id) {
    const tile = this.#tile(id);
    const neighbor = tile?.nextElementSibling ?? tile?.previousElementSibling;
    tile?.remove();
    this.#empty.hidden = this.#list.children.length > 0 || this.#next !== undefined;
    (neighbor?.querySelector('button') ?? document.getElementById('choose')).focus();
  }

  #tile(id) {
    return [...this.#list.children].find((tile) => tile.dataset.id === id);
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

  async #loadMore() {
    if (this.#load) return;
    const { api } = this.#session;
    // Identifies this load. The response of one that a later load has replaced is ignored.
    const load = (this.#load = { added: [] });
    this.#section.setAttribute('aria-busy', 'true');
    this.#error.hidden = true;
    try {
      const { photos, next } = await api.list(this.#isStale ? undefined : this.#next);
      if (load !== this.#load) return;
      if (this.#isStale) this.#list.replaceChildren();
      this.#isStale = false;
      [...photos, ...load.added].forEach((photo) => this.#insert(photo));
      this.#next = next;
      this.#more.hidden = next === undefined;
      this.#empty.hidden = this.#list.children.length > 0;
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

  #createTile(photo) {
    const tile = this.#template.content.firstElementChild.cloneNode(true);
    tile.dataset.id = photo.id;
    tile.querySelector('.name').textContent = photo.name;
    tile.querySelector('.size').textContent = formatSize(photo.size);
    const time = tile.querySelector('time');
    time.dateTime = photo.date;
    time.textContent = formatDay(photo.date);
    showImage(tile.querySelector('img'), photo, this.#session.api, () => tile.classList.add('unreadable'));
    tile.querySelector('button').onclick = () => this.#open(photo, this.#session);
    return tile;
  }
}

/**
 * Shows a photo. Its URL expires after 15 minutes, so the first failure requests a new URL from the API.
 * @param failed Called when this browser cannot show the photo.
 */
export function showImage(image, photo, api, failed) {
  let isRenewed = false;
  image.onerror = async () => {
    if (isRenewed) {
      failed();
      return;
    }
    isRenewed = true;
    try {
      photo.url = (await api.get(photo.id)).url;
      image.src = photo.url;
    } catch {
      failed();
    }
  };
  image.src = photo.url;
}
