// Puts the page together: the views, which of them the program serves, and the state of the connection.

import { announce_in } from './announcer.js';
import { show_connection } from './connection_bar.js';
import { element } from './element.js';
import { keep_program, show_program } from './program_bar.js';
import { ask, refusal } from './requests.js';
import { start_router } from './router.js';
import { follow_tree } from './tree_source.js';
import { follow_faults } from './fault_source.js';
import { tree_view } from './tree_view.js';
import { flows_view } from './flows_view.js';
import { traces_view } from './traces_view.js';
import { dead_letters_view } from './dead_letters_view.js';
import { logs_view } from './logs_view.js';
import { settings_view } from './settings_view.js';
import { faults_view } from './faults_view.js';

// Every view has a name, a title, and a path without which it is not shown.
const views = [tree_view, flows_view, traces_view, dead_letters_view, logs_view, settings_view, faults_view];

async function is_served({ needs: path }) {
  if (path === null)
    return true;
  try {
    const answer = await ask(path);
    if (path === '/flows')
      show_program(answer);
    return true;
  } catch (error) {
    return !(error instanceof refusal && error.status === 404);
  }
}

async function start() {
  announce_in(document.querySelector('#announcements'));
  show_connection();
  follow_tree();
  keep_program();
  const served = await Promise.all(views.map(is_served));
  const offered = views.filter((_, at) => served[at]);
  if (offered.includes(faults_view))
    follow_faults();
  const links = offered.map((each) => element('li', {}, element('a', { href: `#/${each.name}` }, each.title)));
  document.querySelector('#views').append(...links);
  start_router(offered, document.querySelector('#main'), links.map((each) => each.firstChild));
}

start();
