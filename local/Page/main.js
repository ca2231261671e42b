import { Album } from './album.js';
import { AlbumApi } from './api.js';
import { Confirmation } from './confirm.js';
import { DeleteAll } from './delete-all.js';
import { formatSize } from './format.js';
import { Pictures } from './pictures.js';
import { RequestPanel } from './requests.js';
import { Selection } from './selection.js';
import { beginSignIn, DevelopmentUser, endSignIn, signOut } from './sign-in.js';
import { Uploads } from './uploads.js';
import { Viewer } from './viewer.js';

const config = await (await fetch('/local/config')).json();
const announcer = document.getElementById('announcer');
const announce = (text) => (announcer.textContent = text);

let session;

const confirmation = new Confirmation();
const album = new Album((photo, owner) => (selection.isActive ? selection.toggle(photo) : viewer.open(photo, owner)));
const selection = new Selection(album, confirmation, announce);
const viewer = new Viewer(album, confirmation, (photo, owner) => {
  if (isShown(owner)) album.remove(photo.id);
  announce(`${photo.name} was deleted.`);
});
const deleteAll = new DeleteAll((owner, isAll) => {
  if (isShown(owner)) {
    selection.reset(owner);
    album.show(owner);
  }
  if (isAll) announce('All photos were deleted.');
});
const uploads = new Uploads((photo, owner) => isShown(owner) && album.add(photo), announce, config.maxPhotoBytes);
// Loopback works without a network, so a restart of the local host is noticed too.
new RequestPanel(() => album.recover());
addEventListener('online', () => album.recover());
if (config.maxPhotoBytes) {
  document.getElementById('limit').textContent = `up to ${formatSize(config.maxPhotoBytes)} each`;
}
// On a narrow screen the open panel would hide the album below it.
document.getElementById('requests-panel').open = matchMedia('(min-width: 64rem)').matches;

takeFiles();
await (config.signIn || config.users.length === 0 ? signIn() : chooseUser());

/** Whether the page shows this session's album. A user who was chosen again has another session. */
function isShown({ user }) {
  return user.name === session.user.name;
}

function enter(user) {
  const api = new AlbumApi(user);
  session = { user, api, pictures: new Pictures(user, api) };
  session.pictures.removeOthers();
  uploads.switchTo(session);
  deleteAll.switchTo(session);
  document.getElementById('choose').disabled = false;
  selection.reset(session);
  return album.show(session);
}

/** Lets the user choose a development user, and keeps the choice in the URL so that it can be shared and reloaded. */
function chooseUser() {
  const select = document.getElementById('user');
  const requested = new URLSearchParams(location.search).get('user');
  const names = requested && !config.users.includes(requested) ? [...config.users, requested] : config.users;
  select.append(...names.map((name) => new Option(name)));
  select.value = requested ?? names[0];
  document.getElementById('choose-user').hidden = false;
  select.onchange = () => {
    history.replaceState(null, '', `/?user=${encodeURIComponent(select.value)}`);
    enter(new DevelopmentUser(select.value));
  };
  return enter(new DevelopmentUser(select.value));
}

/** Signs in a user of a user pool on its hosted page. */
async function signIn() {
  const note = document.getElementById('signed-in-as');
  if (!config.signIn) {
    note.textContent = 'This user pool has no hosted sign-in page. Give it a domain.';
    return;
  }
  const button = document.getElementById('sign-in');
  button.hidden = false;
  button.onclick = () => beginSignIn(config.signIn);
  try {
    const user = await endSignIn(config.signIn);
    if (!user) {
      note.textContent = 'Sign in to see your album.';
      return;
    }
    note.textContent = user.name;
    button.textContent = 'Sign in again';
    const leave = document.getElementById('sign-out');
    leave.hidden = false;
    leave.onclick = async () => {
      await session.pictures.removeAll();
      signOut(config.signIn);
    };
    await enter(user);
  } catch (error) {
    note.textContent = error.message;
  }
}

/** Accepts photos from the file dialog and photos that are dropped anywhere on the page. */
function takeFiles() {
  const input = document.getElementById('files');
  const choose = document.getElementById('choose');
  const drop = document.getElementById('drop');
  choose.onclick = () => input.click();
  input.onchange = () => {
    take(input.files);
    // Lets the user choose the same file again.
    input.value = '';
  };
  addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  addEventListener('dragleave', (event) => event.relatedTarget ?? drop.classList.remove('over'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    take(event.dataTransfer.files);
  });

  function take(files) {
    if (session) uploads.add(files, session);
  }
}
