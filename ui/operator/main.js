// Puts the page together: the views, which of them the program serves, and the state of the connection.

import { announce_in } from './announcer.js';
import { show_connection } from './connection_bar.js';
import { element, set_text } from './element.js';
import { keep_program, show_program } from './program_bar.js';
import { ask, refusal } from './requests.js';
import { start_router } from './router.js';
import { follow_tree } from './tree_source.js';
import { follow_faults, on_faults } from './fault_source.js';
import { tree_view } from './tree_view.js';
import { flows_view } from './flows_view.js';
import { traces_view } from './traces_view.js';
import { dead_letters_view } from './dead_letters_view.js';
import { logs_view } from './logs_view.js';
import { settings_view } from './settings_view.js';
import { faults_view } from './faults_view.js';

// Every view has a name, a title, and a path without which it is not shown.
const views = [tree_view, flows_view, traces_view, dead_letters_view, logs_view, settings_view, faults_view];

// Whether the program has it; true as long as nothing is known, so that a slow program has its page too.
async function is_served({ needs: path }) {
  try {
    const answer = await ask(path);
    if (path === '/flows')
      show_program(answer);
    return true;
  } catch (error) {
    return !(error instanceof refusal && error.status === 404);
  }
}

function start() {
  announce_in(document.querySelector('#announcements'));
  show_connection();
  follow_tree();
  keep_program();
  const links = views.map((each) => element('a', { href: `#/${each.name}` }, each.title));
  document.querySelector('#views').append(...links.map((each) => element('li', {}, each)));
  const withdraw = start_router(views, document.querySelector('#main'), links);
  on_faults(({ active }) => set_text(links[views.indexOf(faults_view)], active.length > 0 ? `Faults (${active.length} active)` : 'Faults'));
  for (const view of views.filter((each) => each.needs !== null))
    is_served(view).then((served) => {
      if (!served)
        withdraw(view);
      else if (view === faults_view)
        follow_faults();
    });
}

start();
