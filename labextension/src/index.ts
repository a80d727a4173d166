import { chatPlugin } from './chat/plugin';
import { editPlugin } from './edit/plugin';
import { explainPlugin } from './explain/plugin';
import { fixPlugin } from './fix/plugin';
import { generatePlugin } from './generate/plugin';
import { inlinePlugin } from './inline/plugin';
import { modelsPlugin } from './models/plugin';
import { servicesPlugin } from './services';
import { statusPlugin } from './status/plugin';
import { tourPlugin } from './tour/plugin';

export default [
  servicesPlugin,
  inlinePlugin,
  explainPlugin,
  editPlugin,
  fixPlugin,
  generatePlugin,
  modelsPlugin,
  chatPlugin,
  statusPlugin,
  tourPlugin
];
