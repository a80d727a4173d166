import { explainPlugin } from './explain/plugin';
import { inlinePlugin } from './inline/plugin';
import { servicesPlugin } from './services';
import { statusPlugin } from './status/plugin';

export default [servicesPlugin, inlinePlugin, explainPlugin, statusPlugin];
