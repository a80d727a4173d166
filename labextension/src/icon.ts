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

/** A pen. */
const PEN = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M4 16.5V20h3.5L18 9.5 14.5 6z"/>
    <path d="M15.6 4.9l3.5 3.5 1.4-1.4a1 1 0 0 0 0-1.4l-2.1-2.1a1 1 0 0 0-1.4 0z"/>
  </g>
</svg>`;

export const editIcon = new LabIcon({ name: 'jupyter-starcoder:pen', svgstr: PEN });

/** A balloon with the star in it. */
const BALLOON = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path fill-rule="evenodd" d="M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm8 2.6l-1.4 3.6L7 10.6l3.6 1.4 1.4 3.6 1.4-3.6 3.6-1.4-3.6-1.4z"/>
  </g>
</svg>`;

export const chatIcon = new LabIcon({ name: 'jupyter-starcoder:chat', svgstr: BALLOON });

/** The star, and that something is added. */
const NEW = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M9 1l2.1 5.4L16.5 8.5l-5.4 2.1L9 16l-2.1-5.4L1.5 8.5l5.4-2.1z"/>
    <path d="M17 13h2v3.5h3.5v2H19V22h-2v-3.5h-3.5v-2H17z"/>
  </g>
</svg>`;

export const newCellIcon = new LabIcon({ name: 'jupyter-starcoder:new-cell', svgstr: NEW });
