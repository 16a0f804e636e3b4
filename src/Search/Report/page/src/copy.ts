import { h } from './dom';

/** A button that copies a command line and says so. */
export function copyButton(command: () => string, label = 'Copy emit command'): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'copy', click: async () => {
    const done = await copy(command());
    button.textContent = done ? 'Copied' : 'Press Ctrl+C';
    setTimeout(() => { button.textContent = label; }, 2000);
  } }, label);
  return button;
}

/** Copies text; where the browser forbids it, shows it selected instead, ready for Ctrl+C. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    prompt('Copy this command:', text);
    return false;
  }
}
