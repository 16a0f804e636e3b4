import { h } from './dom.js';

/** A button that copies a command line and says so. @type {(command: () => string, label?: string) => HTMLButtonElement} */
export function copyButton(command, label = 'Copy emit command') {
  /** @type {HTMLButtonElement} */
  const button = h('button', { type: 'button', class: 'copy', click: async () => {
    const done = await copy(command());
    button.textContent = done ? 'Copied' : 'Press Ctrl+C';
    setTimeout(() => { button.textContent = label; }, 2000);
  } }, label);
  return button;
}

/** Copies text; where the browser forbids it, shows it selected instead, ready for Ctrl+C. @type {(text: string) => Promise<boolean>} */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    prompt('Copy this command:', text);
    return false;
  }
}
