const firstDelay = 1000;
const longestDelay = 60_000;

/**
 * Polls a photo that is processing, less often each time, and not while the page is hidden.
 * @param done Called once, with the photo that is not processing any more; with undefined if it was deleted.
 * @returns A function that ends the polling.
 */
export function poll(id, api, done) {
  const ended = new AbortController();
  let delay = firstDelay;
  let timer;
  let isRequesting = false;
  document.addEventListener('visibilitychange', resume, { signal: ended.signal });
  schedule();
  return end;

  function end() {
    clearTimeout(timer);
    ended.abort();
  }

  function resume() {
    delay = firstDelay;
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (!document.hidden && !isRequesting) timer = setTimeout(request, delay);
  }

  async function request() {
    isRequesting = true;
    const photo = await api.get(id).catch(({ status }) => (status === 404 ? undefined : { status: 'processing' }));
    isRequesting = false;
    if (ended.signal.aborted) return;
    if (photo?.status === 'processing') {
      delay = Math.min(1.5 * delay, longestDelay);
      schedule();
    } else {
      end();
      done(photo);
    }
  }
}
