/** Opens the tour in a copy of the person's own. */
export const OPEN_TOUR = 'starcoder:open-tour';
