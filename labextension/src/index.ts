import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-starcoder:plugin',
  description: 'Inline completion and explanation of code by a local model.',
  autoStart: true,
  activate: () => undefined
};

export default plugin;
