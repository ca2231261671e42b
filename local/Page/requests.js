import { formatMs } from './format.js';

const kept = 50;

/** Shows the last requests as they happen. */
export class RequestPanel {
  #list = document.getElementById('requests');
  #template = document.getElementById('request-template');
  #status = document.getElementById('cold-status');
  #rows = new Map();

  /** @param connected Called each time when the local host is reachable again. */
  constructor(connected) {
    document.getElementById('make-cold').onclick = () => this.#makeCold();
    const connection = document.getElementById('connection');
    const source = new EventSource('/local/requests');
    source.onopen = () => {
      connection.textContent = 'live';
      connected();
    };
    source.onerror = () => (connection.textContent = 'reconnecting');
    source.onmessage = (event) => this.#add(JSON.parse(event.data));
  }

  async #makeCold() {
    try {
      const response = await fetch('/local/cold', { method: 'POST' });
      this.#status.textContent = response.ok ? 'The next request starts a new process.' : (await response.json()).message;
    } catch {
      this.#status.textContent = 'The local host is not reachable. Check that make run is still running.';
    }
  }

  #add(request) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.querySelector('.method').textContent = request.method;
    const path = row.querySelector('.path');
    path.textContent = request.path;
    path.title = request.path;
    const status = row.querySelector('.status');
    status.textContent = request.status;
    status.classList.toggle('bad', request.status >= 400);
    row.querySelector('.duration').textContent = formatMs(request.durationMs);
    const start = request.cold === null ? 'gateway' : request.cold ? 'cold' : 'warm';
    row.classList.add(start);
    row.querySelector('.start').textContent = start;
    row.querySelector('.figures').textContent = figures(request);
    this.#list.prepend(row);
    this.#rows.set(row, request);
    if (this.#list.children.length > kept) {
      this.#rows.delete(this.#list.lastElementChild);
      this.#list.lastElementChild.remove();
    }
    document.getElementById('no-requests').hidden = true;
    // An invocation for the stream is not the request that the status announces.
    if (request.cold && request.method !== 'stream') this.#status.textContent = '';
    this.#drawBars();
  }

  /** Scales all bars to the longest request. */
  #drawBars() {
    const longest = Math.max(...[...this.#rows.values()].map((request) => request.durationMs));
    for (const [row, { durationMs, functionMs, initMs }] of this.#rows) {
      const parts = { init: initMs ?? 0, function: functionMs ?? 0 };
      parts.gateway = Math.max(0, durationMs - parts.init - parts.function);
      for (const [name, ms] of Object.entries(parts)) {
        row.querySelector(`.bar .${name}`).style.width = `${(100 * ms) / longest}%`;
      }
    }
  }
}

function figures({ cold, functionMs, initMs, memoryMb }) {
  if (cold === null) return 'no function ran';
  return [cold && `init ${formatMs(initMs)}`, `function ${formatMs(functionMs)}`, `${memoryMb} MB`].filter(Boolean).join(' · ');
}
