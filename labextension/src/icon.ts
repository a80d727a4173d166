import { LabIcon } from '@jupyterlab/ui-components';

/** A star with the brackets of code to its sides; `jp-icon3` takes the colour of the theme. */
const STAR = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M12 5.2l1.9 4.9 4.9 1.9-4.9 1.9-1.9 4.9-1.9-4.9-4.9-1.9 4.9-1.9z"/>
    <path d="M6.2 4.6L4.9 3.2 1 12l3.9 8.8 1.7-.8L3.1 12l3.5-8z"/>
    <path d="M17.8 4.6l1.3-1.4L23 12l-3.9 8.8-1.7-.8 3.5-8-3.5-8z"/>
  </g>
</svg>`;

export const starcoderIcon = new LabIcon({ name: 'jupyter-starcoder:star', svgstr: STAR });
